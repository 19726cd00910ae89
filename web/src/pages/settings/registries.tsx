import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Notice } from "@/components/status";
import { registriesQuery, useSetRegistries } from "@/data/registries";
import { useMay } from "@/data/session";
import classes from "./registries.module.css";

export function RegistriesPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(registriesQuery);
  const owner = useMay("administer");
  return (
    <Page title={t("nav.registries")} lead={t("registries.lead")}>
      <Section title={t("registries.title")} padded>
        {error && !data && <ErrorState error={error} retry={refetch} />}
        {data && (owner ? <Form key={JSON.stringify(data)} known={data} /> : <Reading known={data} />)}
        {!data && !error && <div className={classes.waiting} aria-busy="true" />}
      </Section>
    </Page>
  );
}

/** The list for those who may not change it. */
function Reading({ known }: { known: string[] }) {
  const { t } = useTranslation();
  if (known.length === 0) {
    return <State title={t("registries.none.title")}>{t("registries.none.text")}</State>;
  }
  return (
    <>
      <ul className={classes.list}>
        {known.map((r) => (
          <li key={r}>
            <code>{r}</code>
          </li>
        ))}
      </ul>
      <p className={`${classes.note ?? ""} muted`}>{t("registries.readOnly")}</p>
    </>
  );
}

const example = ["registry.example.com", "ghcr.io/acme/*", "nginx"];

function Form({ known }: { known: string[] }) {
  const { t } = useTranslation();
  const set = useSetRegistries();
  const [typed, setTyped] = useState(known.join("\n"));
  const wanted = typed.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const changed = wanted.join("\n") !== known.join("\n");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate(wanted);
      }}
    >
      {known.length === 0 && (
        <Notice tone="info">
          <p>{t("registries.none.title")}</p>
          <p>{t("registries.none.text")}</p>
        </Notice>
      )}
      <Textarea
        className={classes.field ?? ""}
        label={t("registries.label")}
        description={t("registries.about")}
        rows={8}
        spellCheck={false}
        value={typed}
        placeholder={example.join("\n")}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
      <p className={`${classes.note ?? ""} muted`}>{t("registries.hub")}</p>
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
      <div className={classes.actions}>
        <Button type="submit" size="xs" loading={set.isPending} disabled={!changed}>
          {t("action.save")}
        </Button>
        {changed && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTyped(known.join("\n"));
            }}
          >
            {t("action.cancel")}
          </Button>
        )}
      </div>
    </form>
  );
}
