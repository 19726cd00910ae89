import { Button, PasswordInput, TextInput } from "@mantine/core";
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

export function SignInPage() {
  const { t } = useTranslation();
  const { next } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <main className={classes.page}>
      <title>{t("app.documentTitle", { title: t("signIn.title") })}</title>
      <div className={classes.card}>
        <Mark />
        <h1>{t("signIn.title")}</h1>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(
              { email: email.trim(), password },
              {
                onSuccess: () => {
                  // Only path and query are taken: a link must not lead people to another site.
                  const { pathname, search } = new URL(next ?? "/", location.origin);
                  void navigate({ to: pathname, search: parseSearch(search), replace: true });
                },
              },
            );
          }}
        >
          <TextInput
            label={t("signIn.email")}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            // The page has one purpose, and nothing before the field is skipped.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
          <PasswordInput
            label={t("signIn.password")}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
            error={signIn.error === null ? null : <Refusal error={signIn.error} />}
          />
          <Button type="submit" fullWidth loading={signIn.isPending} disabled={email.trim() === "" || password === ""}>
            {t("signIn.submit")}
          </Button>
        </form>
        <div className={classes.help}>
          <p>{t("signIn.help")}</p>
          <Command>{commands.serve}</Command>
          <p>{t("signIn.lost")}</p>
          <Command>{commands.adminLink}</Command>
        </div>
      </div>
    </main>
  );
}

/** Why nobody was let in, in the page's words where it knows better than the server. */
export function Refusal({ error }: { error: Error }) {
  const { t } = useTranslation();
  if (error instanceof Problem) {
    switch (error.status) {
      case 401:
        return t("signIn.refused");
      case 429:
        return t("signIn.tooMany", { count: Math.max(1, Math.ceil(error.retryAfter)) });
      case 0:
        return t("error.unreachable.text");
      default:
        if (error.message !== "") {
          return error.message;
        }
    }
  }
  return t(`error.${kindOf(error)}.text`);
}
