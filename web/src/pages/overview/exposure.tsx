import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FilterBar } from "@/components/filters";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { exposureQuery } from "@/data/exposure";
import { Figures } from "@/pages/environment/exposure/figures";
import { SpanFilter } from "@/pages/environment/exposure/span-filter";
import { Trend } from "@/pages/environment/exposure/trend-chart";

/** How long the environment that is chosen, or all together, have been exposed to what; its own page has the rest. */
export function Exposure({ name }: { name: string | undefined }) {
  const { t } = useTranslation();
  const { days = 30 } = useSearch({ from: "/app/" });
  const navigate = useNavigate({ from: "/" });
  const { data: report, error, refetch } = useQuery(exposureQuery(name, days));
  return (
    <>
      <FilterBar>
        <SpanFilter value={days} onChange={(span) => void navigate({ search: (s) => ({ ...s, days: span === 30 ? undefined : span }), replace: true })} />
      </FilterBar>
      {error && !report ? (
        <Section title={t("exposure.figures")}>
          <ErrorState error={error} retry={refetch} />
        </Section>
      ) : (
        <>
          <Figures report={report} />
          <Trend report={report} chosen={[]} />
        </>
      )}
    </>
  );
}
