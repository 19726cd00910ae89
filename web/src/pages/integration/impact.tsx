import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Notice } from "@/components/status";
import { runningImagesQuery } from "@/data/environments";
import type { Impact } from "@/data/integrations";
import { useRows } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import classes from "./integration.module.css";

/** Names that are listed; the number says how many there are in all. */
const named = 8;

/** What leaves an environment, and what enters another, in numbers and, of what leaves, in names. */
export function ImpactNotice({ query, integration }: { query: UseQueryResult<Impact>; integration: string }) {
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
  const { leaves, enters } = data;
  const counted = (n: number) => ({ count: n, n: format.number(n) });
  return (
    <Notice tone={leaves.images + leaves.notAnalysed > 0 ? "warn" : "info"}>
      <p>
        {t("integration.impact.leaves", { ...counted(leaves.images), environment: leaves.environment })}{" "}
        {leaves.notAnalysed > 0 && t("integration.impact.notAnalysed", counted(leaves.notAnalysed))}
      </p>
      {leaves.images > 0 && <Leaving environment={leaves.environment} integration={integration} count={leaves.images} />}
      <p>
        {leaves.remaining > 0
          ? t("integration.impact.remaining", { ...counted(leaves.remaining), environment: leaves.environment })
          : t("integration.impact.empty", { environment: leaves.environment })}
      </p>
      {enters && <p>{t("integration.impact.enters", { ...counted(enters.images), environment: enters.environment })}</p>}
    </Notice>
  );
}

/** The images that nothing but the integration runs in the environment, as far as they are loaded. */
function Leaving({ environment, integration, count }: { environment: string; integration: string; count: number }) {
  const { t } = useTranslation();
  const { rows } = useRows(runningImagesQuery(environment));
  const names = rows?.filter((i) => i.workloads.every((w) => w.integration === integration)).map((i) => i.name || i.digest.slice(0, 19)) ?? [];
  const shown = names.slice(0, named);
  if (shown.length === 0) {
    return null;
  }
  return (
    <ul className={classes.leaving}>
      {shown.map((n) => (
        <li key={n}>{n}</li>
      ))}
      {count > shown.length && <li>{t("workload.more", { count: count - shown.length })}</li>}
    </ul>
  );
}
