import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { FilterBar, SeverityFilter } from "@/components/filters";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { exposureQuery } from "@/data/exposure";
import { Exposures } from "./exposures";
import { Figures } from "./figures";
import { SpanFilter } from "./span-filter";
import { Trend } from "./trend-chart";

/** What an environment is and was exposed to: figures, the days, and each exposure with its times. */
export function EnvironmentExposure({ name }: { name: string }) {
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
        <SpanFilter value={days} onChange={(span) => void navigate({ search: (s) => ({ ...s, days: span === 30 ? undefined : span }), replace: true })} />
      </FilterBar>
      <Figures report={report} />
      <FilterBar>
        <SeverityFilter
          value={severity}
          counts={report && countsOf(report.bySeverity)}
          onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length > 0 ? chosen : undefined }), replace: true })}
        />
      </FilterBar>
      <Trend report={report} chosen={severity} />
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
