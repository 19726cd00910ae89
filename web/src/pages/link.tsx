import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "@/app/nav";
import { Ago } from "@/components/ago";
import { ErrorState } from "@/components/state";
import { shortestPassword } from "@/data/account";
import { Problem } from "@/data/problem";
import { linkQuery, signInQuery, useRedeem, type OneTimeLink } from "@/data/session";
import { ProviderButton, Refusal } from "./sign-in";
import classes from "./sign-in.module.css";

/** Whether the server knows that the link is used up, or none; anything else may pass. */
function isDead(error: Error | null): boolean {
  return error instanceof Problem && [401, 404, 409, 422].includes(error.status);
}

/** Opens a one-time link: the secret stands after the #, so that it reaches no server's log. */
export function LinkPage() {
  const { t } = useTranslation();
  const [secret] = useState(() => location.hash.slice(1));
  // Nor should it stay in the address bar, where others may read it and the history keeps it.
  useEffect(() => {
    history.replaceState(history.state, "", location.pathname);
  }, []);
  const link = useQuery({ ...linkQuery(secret), enabled: secret !== "" });
  const title = link.data === undefined ? t("link.title") : t(`link.${link.data.kind}.title`, { organisation: link.data.organisation });
  return (
    <main className={classes.page}>
      <title>{t("app.documentTitle", { title })}</title>
      <div className={classes.card}>
        <Mark />
        <h1>{title}</h1>
        {link.isError && !isDead(link.error) && <ErrorState error={link.error} retry={link.refetch} />}
        {(secret === "" || isDead(link.error)) && (
          <>
            <p role="alert">{t("link.dead")}</p>
            <div className={classes.help}>
              <p>{t("link.another")}</p>
            </div>
          </>
        )}
        {link.data && <Open secret={secret} link={link.data} />}
      </div>
    </main>
  );
}

/** The ways to use a link: an invitation counts at the provider of identities as well. */
function Open({ secret, link }: { secret: string; link: OneTimeLink }) {
  const { t } = useTranslation();
  const ways = useQuery(signInQuery).data;
  const invited = link.kind === "invitation" && link.email !== "";
  return (
    <>
      {invited && ways?.provider && (
        <>
          <p>{t("link.provider", { email: link.email, organisation: link.organisation })}</p>
          <ProviderButton provider={ways.provider} next={undefined} />
        </>
      )}
      {!(invited && ways?.password === false) && <Redeem secret={secret} link={link} />}
    </>
  );
}

function Redeem({ secret, link }: { secret: string; link: OneTimeLink }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const redeem = useRedeem();
  const [email, setEmail] = useState(link.email);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const asks = (what: OneTimeLink["needs"][number]) => link.needs.includes(what);
  const fresh = asks("password") && !(link.known && link.kind !== "password-reset");
  const ready =
    (!asks("email") || email.trim() !== "") && (!asks("name") || name.trim() !== "") && (!asks("password") || (fresh ? password.length >= shortestPassword : password !== ""));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        redeem.mutate(
          { secret, ...(asks("email") && { email: email.trim() }), ...(asks("name") && { name: name.trim() }), ...(asks("password") && { password }) },
          { onSuccess: () => void navigate({ to: "/", replace: true }) },
        );
      }}
    >
      <p>{t(`link.${link.kind}.text`, { organisation: link.organisation, role: link.role === undefined ? "" : t(`role.${link.role}`) })}</p>
      <TextInput
        label={t("signIn.email")}
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        readOnly={!asks("email")}
        value={email}
        onChange={(event) => {
          setEmail(event.currentTarget.value);
        }}
      />
      {asks("name") && (
        <TextInput
          label={t("link.name")}
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={128}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      )}
      {asks("password") && (
        <PasswordInput
          label={fresh ? t("link.newPassword") : t("signIn.password")}
          description={fresh ? t("link.rule", { count: shortestPassword }) : t("link.known")}
          autoComplete={fresh ? "new-password" : "current-password"}
          required
          withAsterisk={false}
          value={password}
          visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
      )}
      {redeem.error !== null && (
        <p role="alert">
          <Refusal error={redeem.error} />
        </p>
      )}
      <Button type="submit" fullWidth loading={redeem.isPending} disabled={!ready}>
        {t(`link.${link.kind}.submit`)}
      </Button>
      <div className={classes.help}>
        <p>
          {t("link.expires")} <Ago at={link.expires} />
        </p>
      </div>
    </form>
  );
}
