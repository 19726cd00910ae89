import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Code } from "@/components/code";
import { Dialog } from "@/components/dialog";
import { Toggle } from "@/components/filters";
import { Notice } from "@/components/status";
import { Problem } from "@/data/problem";
import { serverAddress } from "@/data/system";
import { issuers, trustScopes, useCreateTrust, type Trust, type TrustRequest } from "@/data/trusts";
import { useFormat } from "@/i18n/format";
import { forgeOf, forges, snippetFor } from "./trust-snippet";
import classes from "./settings.module.css";

/** Minutes a token can last. */
const lives = [5, 15, 30, 60] as const;

const sources = ["github", "gitlab", "other"] as const;

export function CreateTrust({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const create = useCreateTrust();
  const [source, setSource] = useState<(typeof sources)[number]>("github");
  const [own, setOwn] = useState("");
  const [texts, setTexts] = useState({ name: "", repository: "", ref: "refs/heads/main", environment: "" });
  const [scopes, setScopes] = useState<TrustRequest["scopes"]>(["upload"]);
  const [minutes, setMinutes] = useState<number>(15);
  const issuer = source === "other" ? own.trim() : issuers[source];
  const field = (key: keyof typeof texts, required = false) => ({
    label: t(`trusts.${key}`),
    description: t(`trusts.about.${key}`),
    required,
    withAsterisk: false,
    value: texts[key],
    onChange: (event: { currentTarget: { value: string } }) => {
      setTexts({ ...texts, [key]: event.currentTarget.value });
    },
  });
  if (create.data) {
    return <TrustSnippet trust={create.data} onClose={onClose} />;
  }
  return (
    <Dialog title={t("trusts.create")} onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name: texts.name.trim(), issuer, repository: texts.repository.trim(), ref: texts.ref.trim(), environment: texts.environment.trim(), scopes, minutes });
        }}
      >
        <TextInput {...field("name", true)} maxLength={64} data-autofocus />
        <NativeSelect
          label={t("trusts.issuer")}
          description={t("trusts.about.issuer")}
          value={source}
          data={sources.map((s) => ({ value: s, label: t(`trusts.issuers.${s}`) }))}
          onChange={(event) => {
            setSource(sources.find((s) => s === event.currentTarget.value) ?? "github");
          }}
        />
        {source === "other" && (
          <TextInput
            label={t("trusts.issuerUrl")}
            type="url"
            required
            withAsterisk={false}
            maxLength={512}
            value={own}
            onChange={(event) => {
              setOwn(event.currentTarget.value);
            }}
          />
        )}
        <TextInput {...field("repository", true)} maxLength={255} />
        <TextInput {...field("ref")} maxLength={255} />
        <TextInput {...field("environment")} maxLength={255} />
        <Checkbox.Group
          label={t("tokens.scopes")}
          value={scopes}
          onChange={(values) => {
            setScopes(trustScopes.filter((s) => values.includes(s)));
          }}
        >
          {trustScopes.map((s) => (
            <Checkbox key={s} size="xs" mt="xs" value={s} label={t(`tokens.scope.${s}.name`)} description={t(`tokens.scope.${s}.about`)} />
          ))}
        </Checkbox.Group>
        <NativeSelect
          label={t("trusts.minutes")}
          value={String(minutes)}
          data={lives.map((n) => ({ value: String(n), label: format.duration(n * 60) }))}
          onChange={(event) => {
            setMinutes(Number(event.currentTarget.value));
          }}
        />
        {create.error && (
          <Notice tone="bad">
            {[create.error.message, ...(create.error instanceof Problem ? create.error.parts : [])].map((line) => (
              <p key={line}>{line}</p>
            ))}
          </Notice>
        )}
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={create.isPending} disabled={texts.name.trim() === "" || texts.repository.trim() === "" || issuer === "" || scopes.length === 0}>
            {t("trusts.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What to write into the repository, so that its jobs get their tokens. */
export function TrustSnippet({ trust, onClose }: { trust: Trust; onClose: () => void }) {
  const { t } = useTranslation();
  const [forge, setForge] = useState(() => forgeOf(trust.issuer));
  return (
    <Dialog wide title={t("trusts.snippet", { name: trust.name })} onClose={onClose}>
      <div className={classes.form}>
        <p>{t("trusts.snippetText", { repository: trust.repository })}</p>
        <div className={classes.icons} role="group" aria-label={t("trusts.issuer")}>
          {forges.map((f) => (
            <Toggle
              key={f}
              pressed={f === forge}
              onChange={() => {
                setForge(f);
              }}
            >
              {t(`trusts.issuers.${f}`)}
            </Toggle>
          ))}
        </div>
        <Code label={t("trusts.snippet", { name: trust.name })}>{snippetFor(forge, trust, serverAddress)}</Code>
        <div className={classes.actions}>
          <Button size="xs" onClick={onClose}>
            {t("action.done")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
