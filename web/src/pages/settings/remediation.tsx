import { Button, NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { mostDays, targetsQuery, useSetTargets, type Targets } from "@/data/remediation";
import { useMay } from "@/data/session";
import { severities } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import classes from "./remediation.module.css";

export function RemediationPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(targetsQuery);
  const owner = useMay("administer");
  return (
    <Page title={t("nav.remediation")} lead={t("remediation.lead")}>
      <Section title={t("remediation.title")} padded>
        {error && !data && <ErrorState error={error} retry={refetch} />}
        {data && (owner ? <Form key={JSON.stringify(data)} targets={data} /> : <Reading targets={data} />)}
        {!data && !error && <div className={classes.waiting} aria-busy="true" />}
      </Section>
    </Page>
  );
}

/** The targets of those who may not set them. */
function Reading({ targets }: { targets: Targets }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <dl className={classes.rows}>
        {severities.map((s) => (
          <div key={s} className={classes.row}>
            <dt>
              <SeverityBadge severity={s} />
            </dt>
            <dd>{targets[s] === 0 ? <span className="muted">{t("exposure.noTarget")}</span> : format.days(targets[s])}</dd>
          </div>
        ))}
      </dl>
      <p className={`${classes.note ?? ""} muted`}>{t("remediation.readOnly")}</p>
    </>
  );
}

function Form({ targets }: { targets: Targets }) {
  const { t } = useTranslation();
  const set = useSetTargets();
  const [typed, setTyped] = useState<Record<keyof Targets, number | string>>(targets);
  const changed = severities.some((s) => daysOf(typed[s]) !== targets[s]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({
          critical: daysOf(typed.critical),
          high: daysOf(typed.high),
          medium: daysOf(typed.medium),
          low: daysOf(typed.low),
          unspecified: daysOf(typed.unspecified),
        });
      }}
    >
      <div className={classes.rows}>
        {severities.map((s) => (
          <div key={s} className={classes.row}>
            <SeverityBadge severity={s} />
            <NumberInput
              size="xs"
              aria-label={t("remediation.daysFor", { severity: t(`severity.${s}`) })}
              value={typed[s]}
              min={0}
              max={mostDays}
              allowDecimal={false}
              allowNegative={false}
              suffix={t("remediation.suffix")}
              hideControls
              onChange={(value) => {
                setTyped({ ...typed, [s]: value });
              }}
            />
            <span className="muted">{daysOf(typed[s]) === 0 && t("exposure.noTarget")}</span>
          </div>
        ))}
      </div>
      <p className={`${classes.note ?? ""} muted`}>{t("remediation.zero")}</p>
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
      <div className={classes.actions}>
        <Button type="submit" size="xs" loading={set.isPending} disabled={!changed}>
          {t("remediation.save")}
        </Button>
        {changed && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTyped(targets);
            }}
          >
            {t("action.cancel")}
          </Button>
        )}
      </div>
    </form>
  );
}

/** An empty field is no target. */
function daysOf(value: number | string): number {
  const days = Number(value);
  return Number.isFinite(days) ? Math.min(mostDays, Math.max(0, Math.trunc(days))) : 0;
}
