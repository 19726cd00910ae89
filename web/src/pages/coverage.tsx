import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Gaps } from "@/components/gaps";
import { Page } from "@/components/page";
import { coverageQuery } from "@/data/coverage";
import { useFormat } from "@/i18n/format";

/** What runs and is not analysed, of all environments or of one. */
export function CoveragePage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { data } = useQuery(coverageQuery);
  const coverage = environment === undefined ? data : data?.environments.find((e) => e.name === environment)?.coverage;
  return (
    <Page
      title={t("overview.missing")}
      crumbs={[<Link key="overview" to="/">{t("nav.overview")}</Link>]}
      lead={coverage && t("coverage.ofRunning", { analysed: format.number(coverage.analysed), count: coverage.running })}
    >
      <Gaps environment={environment} />
    </Page>
  );
}
