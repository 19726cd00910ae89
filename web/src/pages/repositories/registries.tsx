import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Code } from "@/components/code";
import { Dialog } from "@/components/dialog";
import { Section } from "@/components/page";
import { Command } from "@/components/state";
import { useKindTexts } from "@/components/registry-kind";
import { IntegrationState, Notice } from "@/components/status";
import { TokenInput } from "@/components/token-input";
import type { Hook } from "@/data/integrations";
import { forgetRepositories, replaceCredentials, useCreateRegistryHook, useDisconnect, type Registry } from "@/data/push";
import { useMay } from "@/data/session";
import { useTask } from "@/data/task";
import { useFormat } from "@/i18n/format";
import { BackfillDialog } from "./backfill";
import classes from "./repositories.module.css";

type Ask = "credentials" | "hook" | "backfill" | "disconnect";

/** The connected registries: how it goes with them, and what can be done. */
export function Registries({ registries }: { registries: Registry[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t("repositories.registries")}>
      <ul className={classes.registries}>
        {registries.map((r) => (
          <Row key={r.name} registry={r} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ registry: r }: { registry: Registry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const owner = useMay("connect");
  const editor = useMay("write");
  const [asks, setAsks] = useState<Ask>();
  const close = () => {
    setAsks(undefined);
  };
  const button = (ask: Ask) => (
    <Button
      variant="default"
      size="compact-xs"
      aria-label={t(`repositories.${ask}.of`, { name: r.name })}
      onClick={() => {
        setAsks(ask);
      }}
    >
      {t(`repositories.${ask}.button`)}
    </Button>
  );
  return (
    <li className={classes.registry}>
      <div className={classes.about}>
        <strong>{r.name}</strong> <span className="muted">{r.host}</span>
        <p className="muted">
          {t("repositories.enabledOf", { enabled: format.number(r.enabled), found: format.number(r.found) })} · {t(r.hook ? "repositories.hooked" : "repositories.polled")}
          {r.listed && (
            <>
              {" "}
              · {t("repositories.listed")} <Ago at={r.listed} />
            </>
          )}
        </p>
        {r.reason !== undefined && r.reason !== "" && <p>{r.reason}</p>}
      </div>
      <IntegrationState state={r.state === "failed" ? "failing" : r.state} />
      <div className={classes.bar}>
        {editor && r.enabled > 0 && button("backfill")}
        {owner && button("credentials")}
        {owner && button("hook")}
        {owner && button("disconnect")}
      </div>
      {asks === "backfill" && <BackfillDialog scope={{ registry: r.name, all: true }} onClose={close} />}
      {asks === "credentials" && <Credentials registry={r} onClose={close} />}
      {asks === "hook" && <MakeHook registry={r} onClose={close} />}
      {asks === "disconnect" && <Disconnect registry={r} onClose={close} />}
    </li>
  );
}

function Failure({ error }: { error: unknown }) {
  if (!(error instanceof Error)) {
    return null;
  }
  return (
    <div role="alert">
      <Notice tone="bad">
        <p>{error.message}</p>
      </Notice>
    </div>
  );
}

function Credentials({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const task = useTask<Registry>();
  const [username, setUsername] = useState(r.username ?? "");
  const [secret, setSecret] = useState("");
  return (
    <Dialog title={t("repositories.credentials.of", { name: r.name })} onClose={onClose}>
      <form
        className={classes.form}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void task.run(
            () => replaceCredentials(r.name, { username: username.trim(), secret: secret.trim() }),
            () => {
              forgetRepositories(client);
              onClose();
            },
          );
        }}
      >
        <p>{t("repositories.credentials.about")}</p>
        <TextInput
          label={t("connect.registry.username")}
          autoComplete="off"
          spellCheck={false}
          value={username}
          onChange={(event) => {
            setUsername(event.currentTarget.value);
          }}
        />
        <TokenInput label={t("connect.registry.secret")} description="" value={secret} error={undefined} onChange={setSecret} />
        <Failure error={task.error} />
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={task.isPending}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function MakeHook({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const { task, run } = useCreateRegistryHook(r.name);
  const texts = useKindTexts(r.kind);
  const [hook, setHook] = useState<Hook>();
  return (
    <Dialog wide title={t("repositories.hook.of", { name: r.name })} onClose={onClose}>
      <div className={classes.form}>
        {hook ? (
          <>
            <p>{t("integration.hook.once")}</p>
            <Command>{hook.secret}</Command>
            <p>{texts?.hook ?? t("repositories.hook.where")}</p>
            <Code label={t("repositories.hook.where")}>{`${hook.url}\nAuthorization: Bearer ${hook.secret}`}</Code>
          </>
        ) : (
          <p>{t(r.hook ? "repositories.hook.replaceAbout" : "repositories.hook.about")}</p>
        )}
        <Failure error={task.error} />
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t(hook ? "action.done" : "action.cancel")}
          </Button>
          {!hook && (
            <Button size="xs" loading={task.isPending} onClick={() => void run(setHook)}>
              {t("repositories.hook.make")}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Disconnect({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const disconnect = useDisconnect();
  return (
    <Dialog title={t("repositories.disconnect.of", { name: r.name })} onClose={onClose}>
      <div className={classes.form}>
        <p>{t("repositories.disconnect.about")}</p>
        <Failure error={disconnect.error} />
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button
            color="red"
            size="xs"
            loading={disconnect.isPending}
            onClick={() => {
              disconnect.mutate(r.name, { onSuccess: onClose });
            }}
          >
            {t("repositories.disconnect.button")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
