import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { shortDigest } from "@/components/name-parts";
import { Notice } from "@/components/status";
import type { Impact } from "@/data/integrations";
import { useFormat } from "@/i18n/format";
import classes from "./integration.module.css";

/** What leaves an environment, and what enters another, in numbers and, of what leaves, in names. */
export function ImpactNotice({ query }: { query: UseQueryResult<Impact> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = query;
  if (error && !data) {
    return (
      <Notice tone="bad">
        <p>{t("integration.impact.unknown")}</p>
        <p>{error.message}</p>
      </Notice>
    );
  }
  if (!data) {
    return <Skeleton height={84} />;
  }
  const { leaves, enters, fed } = data;
  const counted = (n: number) => ({ count: n, n: format.number(n) });
  return (
    <Notice tone={leaves.images + leaves.notAnalysed > 0 ? "warn" : "info"}>
      <p>
        {t("integration.impact.leaves", { ...counted(leaves.images), environment: leaves.environment })}{" "}
        {leaves.notAnalysed > 0 && t("integration.impact.notAnalysed", counted(leaves.notAnalysed))}
      </p>
      {leaves.images > 0 && <Leaving impact={leaves} />}
      <p>
        {leaves.remaining > 0
          ? t("integration.impact.remaining", { ...counted(leaves.remaining), environment: leaves.environment })
          : t("integration.impact.empty", { environment: leaves.environment })}
      </p>
      {enters && <p>{t("integration.impact.enters", { ...counted(enters.images), environment: enters.environment })}</p>}
      {fed !== undefined && <p>{t("integration.impact.fed", { environment: fed })}</p>}
    </Notice>
  );
}

/** The images that leave, as far as they are listed; the number above says how many there are in all. */
function Leaving({ impact }: { impact: Impact["leaves"] }) {
  const { t } = useTranslation();
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll only where it takes the focus
    <div className={classes.leaving} tabIndex={0} role="region" aria-label={t("integration.impact.listed")}>
      <ul>
        {impact.listed.map((i) => (
          <li key={i.digest}>{i.name === "" ? shortDigest(i.digest) : i.name}</li>
        ))}
        {impact.images > impact.listed.length && <li>{t("workload.more", { count: impact.images - impact.listed.length })}</li>}
      </ul>
    </div>
  );
}
