import { Button, Checkbox, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { decisionSettingsQuery, listed, useDecisionSettings, type DecisionSettings } from "@/data/decisions";
import { useMay } from "@/data/session";
import classes from "@/pages/settings/settings.module.css";

/** Whether decisions wait for an owner, and whose documents are trusted. */
export function HowDecided() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(decisionSettingsQuery);
  return (
    <Section title={t("decisions.tab.settings")} padded>
      {error && !data && <ErrorState error={error} retry={refetch} />}
      {data && <Form key={JSON.stringify(data)} now={data} />}
    </Section>
  );
}

function Form({ now }: { now: DecisionSettings }) {
  const { t } = useTranslation();
  const owner = useMay("approve");
  const set = useDecisionSettings();
  const [approval, setApproval] = useState(now.approval);
  const [authors, setAuthors] = useState(now.vexAuthors.join("\n"));
  const wanted = listed(authors);
  const changed = approval !== now.approval || wanted.join("\n") !== now.vexAuthors.join("\n");
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ approval, vexAuthors: wanted });
      }}
    >
      <Checkbox
        label={t("decisions.settings.approval")}
        description={t("decisions.settings.approvalAbout")}
        checked={approval}
        disabled={!owner}
        onChange={(event) => {
          setApproval(event.currentTarget.checked);
        }}
      />
      <Textarea
        label={t("decisions.settings.authors")}
        description={t("decisions.settings.authorsAbout")}
        rows={5}
        spellCheck={false}
        disabled={!owner}
        value={authors}
        onChange={(event) => {
          setAuthors(event.currentTarget.value);
        }}
      />
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
      {owner ? (
        <div className={classes.actions}>
          <Button type="submit" size="xs" loading={set.isPending} disabled={!changed}>
            {t("action.save")}
          </Button>
        </div>
      ) : (
        <p className="muted">{t("decisions.settings.owners")}</p>
      )}
    </form>
  );
}
