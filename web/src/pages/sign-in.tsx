import { Button, PasswordInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "@/app/nav";
import { parseSearch } from "@/app/search";
import { commands } from "@/components/commands";
import { Command } from "@/components/state";
import { kindOf, Problem } from "@/data/problem";
import { useSignIn } from "@/data/session";
import classes from "./sign-in.module.css";

/** Takes a token until there are people who sign in. */
export function SignInPage() {
  const { t } = useTranslation();
  const { next } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const signIn = useSignIn();
  const [token, setToken] = useState("");

  const error = signIn.error;
  const refused = error instanceof Problem && error.status === 401;
  return (
    <main className={classes.page}>
      <title>{t("app.documentTitle", { title: t("signIn.title") })}</title>
      <div className={classes.card}>
        <Mark />
        <h1>{t("signIn.title")}</h1>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(token.trim(), {
              onSuccess: () => {
                // Only path and query are taken: a link must not lead people to another site.
                const { pathname, search } = new URL(next ?? "/", location.origin);
                void navigate({ to: pathname, search: parseSearch(search), replace: true });
              },
            });
          }}
        >
          <PasswordInput
            label={t("signIn.token")}
            autoComplete="current-password"
            required
            withAsterisk={false}
            // The page has one purpose, and nothing before the field is skipped.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            value={token}
            visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
            onChange={(event) => {
              setToken(event.currentTarget.value);
            }}
            error={error ? (refused ? t("signIn.refused") : t(`error.${kindOf(error)}.text`)) : null}
          />
          <Button type="submit" fullWidth loading={signIn.isPending} disabled={token.trim() === ""}>
            {t("signIn.submit")}
          </Button>
        </form>
        <div className={classes.help}>
          <p>{t("signIn.help")}</p>
          <Command>{commands.serve}</Command>
        </div>
      </div>
    </main>
  );
}
