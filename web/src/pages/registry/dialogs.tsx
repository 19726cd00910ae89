import { Button, Checkbox, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Code } from "@/components/code";
import { Dialog } from "@/components/dialog";
import { Failure } from "@/components/failure";
import { useKindTexts } from "@/components/registry-kind";
import { Command } from "@/components/state";
import { TokenInput } from "@/components/token-input";
import type { Hook } from "@/data/integrations";
import { changeRegistry, forgetRepositories, registryKindsQuery, useCreateRegistryHook, type Registry } from "@/data/push";
import { useTask } from "@/data/task";
import classes from "@/components/form.module.css";

/** Replaces the credentials, which are tried first. */
export function CredentialsDialog({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const task = useTask<Registry>();
  const [username, setUsername] = useState(r.username ?? "");
  const [secret, setSecret] = useState("");
  const [identity, setIdentity] = useState(r.identity);
  const { data: kinds } = useQuery(registryKindsQuery);
  const hasIdentity = kinds?.some((k) => k.name === r.kind && k.identity);
  return (
    <Dialog title={t("repositories.credentials.of", { name: r.name })} onClose={onClose}>
      <form
        className={classes.form}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void task.run(
            () => changeRegistry(r.name, identity ? { identity } : { username: username.trim(), secret: secret.trim(), ...(r.identity && { identity }) }),
            () => {
              forgetRepositories(client);
              onClose();
            },
          );
        }}
      >
        <p>{t("repositories.credentials.about")}</p>
        {hasIdentity && (
          <Checkbox
            size="xs"
            label={t("connect.registry.identity")}
            description={t("connect.registry.identityAbout")}
            checked={identity}
            onChange={(event) => {
              setIdentity(event.currentTarget.checked);
            }}
          />
        )}
        {!identity && (
          <>
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
          </>
        )}
        <Failure error={task.error} />
        <div className={classes.buttons}>
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

/** Makes the secret of the webhook, and says where to enter it. */
export function HookDialog({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
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
        <div className={classes.buttons}>
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
