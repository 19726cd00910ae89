import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FilterBar, SeverityFilter, Toggle } from "@/components/filters";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { exposureQuery, spans } from "@/data/exposure";
import { Exposures } from "./exposures";
import { Figures } from "./figures";
import { Trend } from "./trend-chart";
import classes from "./exposure.module.css";

/** What an environment is and was exposed to: figures, the days, and each exposure with its times. */
export function EnvironmentExposure({ name }: { name: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/environments/$name" });
  const { days = 30, severity = [] } = useSearch({ from: "/app/environments/$name" });
  const { data: report, error, refetch } = useQuery(exposureQuery(name, days));
  if (error && !report) {
    return (
      <Section>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  return (
    <>
      <FilterBar>
        <div className={classes.group} role="group" aria-label={t("exposure.span")}>
          {spans.map((span) => (
            <Toggle key={span} pressed={span === days} onChange={() => void navigate({ search: (s) => ({ ...s, days: span === 30 ? undefined : span }), replace: true })}>
              {t("exposure.days", { count: span })}
            </Toggle>
          ))}
        </div>
      </FilterBar>
      <Figures report={report} />
      <FilterBar>
        <SeverityFilter
          value={severity}
          counts={report && countsOf(report.bySeverity)}
          onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length > 0 ? chosen : undefined }), replace: true })}
        />
      </FilterBar>
      {report ? <Trend report={report} chosen={severity} /> : <Section title={t("exposure.trend.title")} padded><div className={classes.waiting} aria-busy="true" /></Section>}
      <Exposures name={name} />
    </>
  );
}

function countsOf(figures: { severity: "critical" | "high" | "medium" | "low" | "unspecified"; open: number }[]) {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  for (const f of figures) {
    counts[f.severity] = f.open;
  }
  return counts;
}
