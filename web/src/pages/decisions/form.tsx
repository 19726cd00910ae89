import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Notice } from "@/components/status";
import { exceptionTypes, justifications, previewQuery, requestOf, useCreateException, type Draft, type ExceptionPreview } from "@/data/decisions";
import { mayBeVulnerability } from "@/data/why";
import { useFormat } from "@/i18n/format";
import classes from "@/pages/settings/settings.module.css";

const blank: Draft = { vulnerability: "", type: "accepted-risk", justification: justifications[0], image: "", repositories: "", environments: "", packages: "", text: "", expires: "" };

/** Decides that a vulnerability does not count; what that suppresses is told before it is saved. */
export function ExceptionForm({ from, onClose }: { from: Partial<Draft>; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>({ ...blank, ...from });
  const create = useCreateException();
  const request = requestOf(draft);
  const [asked] = useDebouncedValue(request, 300);
  const preview = useQuery(previewQuery({ ...asked, text: "" }, mayBeVulnerability(asked.vulnerability)));
  const text = (name: "vulnerability" | "image" | "repositories" | "environments" | "packages", required = false) => (
    <TextInput
      size="xs"
      label={t(`decisions.form.${name}`)}
      description={name === "vulnerability" ? undefined : t(`decisions.form.${name}About`)}
      required={required}
      value={draft[name]}
      onChange={(event) => {
        setDraft({ ...draft, [name]: event.currentTarget.value });
      }}
    />
  );
  return (
    <Dialog title={t("decisions.add")} wide onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(request, { onSuccess: onClose });
        }}
      >
        {text("vulnerability", true)}
        <NativeSelect
          size="xs"
          label={t("decisions.form.type")}
          data={exceptionTypes.map((value) => ({ value, label: t(`decisions.type.${value}`) }))}
          value={draft.type}
          onChange={(event) => {
            setDraft({ ...draft, type: exceptionTypes.find((v) => v === event.currentTarget.value) ?? "accepted-risk" });
          }}
        />
        {draft.type === "false-positive" && (
          <NativeSelect
            size="xs"
            label={t("decisions.form.justification")}
            data={justifications.map((value) => ({ value, label: t(`decisions.justification.${value}`) }))}
            value={draft.justification}
            onChange={(event) => {
              setDraft({ ...draft, justification: event.currentTarget.value });
            }}
          />
        )}
        {text("image")}
        {text("repositories")}
        {text("environments")}
        {text("packages")}
        <TextInput
          size="xs"
          type="date"
          label={t("decisions.form.expires")}
          description={t("decisions.form.expiresAbout")}
          value={draft.expires}
          onChange={(event) => {
            setDraft({ ...draft, expires: event.currentTarget.value });
          }}
        />
        <Textarea
          size="xs"
          required
          label={t("decisions.form.text")}
          description={t("decisions.form.textAbout")}
          rows={3}
          maxLength={4096}
          value={draft.text}
          onChange={(event) => {
            setDraft({ ...draft, text: event.currentTarget.value });
          }}
        />
        <div role="status">
          {preview.error && <Notice tone="warn">{preview.error.message}</Notice>}
          {preview.data && <Preview of={preview.data} />}
        </div>
        {create.error && <Notice tone="bad">{create.error.message}</Notice>}
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={create.isPending}>
            {t("decisions.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What an exception would suppress. */
function Preview({ of }: { of: ExceptionPreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Notice tone="info">
      <p>
        <strong>{t("decisions.preview.hides", { count: of.findings, n: format.number(of.findings), images: format.number(of.images) })}</strong>{" "}
        {of.environments.length > 0 && t("decisions.preview.runs", { names: format.list(of.environments) })}
      </p>
      {of.examples.length > 0 && (
        <ul>
          {of.examples.map((e) => (
            <li key={`${e.digest} ${e.package}`}>
              {e.image} <span className="mono muted">{e.package}</span>
            </li>
          ))}
        </ul>
      )}
      {of.suppressed > 0 && <p>{t("decisions.preview.already", { count: of.suppressed, n: format.number(of.suppressed) })}</p>}
      {of.sparedImages.map((s) => (
        <p key={s.digest}>{t("decisions.preview.spared", { image: s.image, names: format.list(s.names) })}</p>
      ))}
      {of.waits && <p>{t("decisions.preview.waits")}</p>}
    </Notice>
  );
}
