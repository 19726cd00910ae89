import { Button, Checkbox, Select, TextInput, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CertificateInput } from "@/components/certificate-input";
import { Dialog } from "@/components/dialog";
import { useKindTexts } from "@/components/registry-kind";
import { Notice } from "@/components/status";
import { TokenInput } from "@/components/token-input";
import { Problem } from "@/data/problem";
import { changeRegistry, forgetRepositories, listOf, registryKindsQuery, type Registry } from "@/data/push";
import { useTask } from "@/data/task";
import { goDuration, useFormat } from "@/i18n/format";
import { changeOf, draftOf, needsSecret, type Draft } from "./draft";
import classes from "@/components/form.module.css";

/** Intervals to choose from, in seconds. */
const intervals = [30, 60, 300, 600, 1800, 3600, 21_600, 86_400];

/** In no language. */
const examples = { pattern: "team/*", excluded: "team/tmp-*" };

/** Changes everything of a registry but its name, kind and address; its credentials are replaced by themselves. */
export function EditDialog({ registry: r, onClose }: { registry: Registry; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { data: kinds } = useQuery(registryKindsQuery);
  const kind = kinds?.find((k) => k.name === r.kind);
  const texts = useKindTexts(r.kind);
  const save = useTask<Registry>();
  const [draft, setDraft] = useState(() => draftOf(r));
  const what = changeOf(r, draft);
  const asksSecret = needsSecret(r, draft);
  const wrong = (name: string) => save.error instanceof Problem && save.error.fields.includes(name);
  const field = (name: Exclude<keyof Draft, "secret" | "interval" | "ca" | "dropsCa">) => ({
    value: draft[name],
    error: wrong(name),
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((d) => ({ ...d, [name]: value }));
    },
  });
  const known = goDuration(r.interval);
  return (
    <Dialog title={t("integration.edit.title", { name: r.name })} onClose={onClose}>
      <form
        className={classes.form}
        autoComplete="off"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save.run(
            () => changeRegistry(r.name, what),
            () => {
              forgetRepositories(client);
              onClose();
            },
          );
        }}
      >
        <TextInput label={t("connect.registry.enable")} description={t("connect.registry.enableAbout")} placeholder={examples.pattern} data-autofocus {...field("enable")} />
        <TextInput label={t("connect.registry.include")} description={t("connect.registry.includeAbout")} placeholder={examples.pattern} {...field("include")} />
        <TextInput label={t("connect.registry.exclude")} placeholder={examples.excluded} {...field("exclude")} />
        <Textarea label={t("connect.registry.repositories")} description={t("connect.registry.repositoriesAbout")} rows={Math.min(6, Math.max(2, listOf(draft.repositories).length))} {...field("repositories")} />
        <Select
          label={t("integration.interval")}
          description={t("registry.intervalAbout")}
          allowDeselect={false}
          error={wrong("interval")}
          data={[...new Set([...intervals, known])].sort((a, b) => a - b).map((s) => ({ value: String(s), label: format.duration(s) }))}
          value={String(draft.interval)}
          onChange={(value) => {
            setDraft((d) => ({ ...d, interval: Number(value ?? known) }));
          }}
        />
        {kind?.namespace !== undefined && <TextInput label={t("connect.registry.namespace")} description={texts?.space ?? kind.namespace} {...field("namespace")} />}
        {kind?.api !== undefined && <TextInput label={t("connect.registry.api")} placeholder={kind.api} {...field("api")} />}
        <CertificateInput
          label={t("connect.ca.label")}
          description={t("connect.registry.ca")}
          value={draft.ca}
          error={wrong("ca")}
          onChange={(ca) => {
            setDraft((d) => ({ ...d, ca }));
          }}
        />
        {r.ca && (
          <Checkbox
            size="xs"
            label={t("integration.edit.dropCa")}
            checked={draft.dropsCa}
            onChange={(event) => {
              const dropsCa = event.currentTarget.checked;
              setDraft((d) => ({ ...d, dropsCa }));
            }}
          />
        )}
        {asksSecret && (
          <TokenInput
            label={t("connect.registry.secret")}
            description={t("integration.edit.tokenToo")}
            value={draft.secret}
            error={wrong("secret")}
            onChange={(secret) => {
              setDraft((d) => ({ ...d, secret }));
            }}
          />
        )}
        {save.error !== undefined && (
          <div role="alert">
            <Notice tone="bad">
              <p>{t("integration.edit.failed")}</p>
              {save.error instanceof Problem && <p>{[save.error.message, ...save.error.parts].join(" ")}</p>}
            </Notice>
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={save.isPending} disabled={Object.keys(what).length === 0 || (asksSecret && draft.secret.trim() === "")}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
