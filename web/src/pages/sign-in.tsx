import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "@/app/nav";
import { LanguageMenu, SchemeMenu } from "@/app/preferences";
import { parseSearch } from "@/app/search";
import { commands } from "@/components/commands";
import { Countdown } from "@/components/countdown";
import { Overlays } from "@/components/overlays";
import { Command } from "@/components/state";
import { kindOf, Problem } from "@/data/problem";
import { providerAddress, signInQuery, useSignIn, type SignInProvider } from "@/data/session";
import classes from "./sign-in.module.css";

export function SignInPage() {
  const { t } = useTranslation();
  const { next, problem } = useSearch({ from: "/sign-in" });
  const ways = useQuery(signInQuery).data;
  const navigate = useNavigate();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <main className={classes.page}>
      <title>{t("app.documentTitle", { title: t("signIn.title") })}</title>
      <div className={classes.card}>
        <div className={classes.head}>
          <Mark />
          <span className={classes.preferences}>
            <SchemeMenu />
            <LanguageMenu />
          </span>
        </div>
        <h1>{t("signIn.title")}</h1>
        {problem !== undefined && (
          <p role="alert">
            <ProviderProblem code={problem} name={ways?.provider?.name} />
          </p>
        )}
        {ways?.provider && <ProviderButton provider={ways.provider} next={next} />}
        {ways?.password !== false && (
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
        )}
        <div className={classes.help}>
          <p>{t("signIn.help")}</p>
          <Command>{commands.serve}</Command>
          <p>{t("signIn.lost")}</p>
          <Command>{commands.adminLink}</Command>
        </div>
      </div>
      <Overlays />
    </main>
  );
}

/** Leads to the provider of identities, or says that it cannot be reached. */
export function ProviderButton({ provider, next }: { provider: SignInProvider; next: string | undefined }) {
  const { t } = useTranslation();
  return (
    <>
      <Button component="a" href={providerAddress(provider, next)} variant="default" fullWidth>
        {t("signIn.provider", { name: provider.name })}
      </Button>
      {!provider.available && <p>{t("signIn.away", { name: provider.name })}</p>}
    </>
  );
}

/** What the server says of a sign-in with the provider that came to nothing. */
const problems = ["denied", "expired", "unverified", "domain", "taken", "no-place", "unavailable", "refused", "too-many", "server-error"] as const;

function ProviderProblem({ code, name }: { code: string; name: string | undefined }) {
  const { t } = useTranslation();
  // The word stands in the address, where anybody may write another.
  const known = problems.find((p) => p === code) ?? "server-error";
  return t(`signIn.problem.${known}`, { name: name ?? t("signIn.someProvider") });
}

/** Why nobody was let in, in the page's words where it knows better than the server. */
export function Refusal({ error }: { error: Error }) {
  const { t } = useTranslation();
  if (error instanceof Problem) {
    switch (error.status) {
      case 401:
        return t("signIn.refused");
      case 429:
        return error.until > 0 ? (
          <Countdown key={error.until} until={error.until} says={(time) => t("signIn.tooMany", { time })} over={t("signIn.again")} />
        ) : (
          error.message
        );
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
