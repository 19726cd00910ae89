import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { StaleNotices } from "@/components/integrations";
import { Page, Section } from "@/components/page";
import { ErrorLine, ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { coverageQuery } from "@/data/coverage";
import { latestIndexed } from "@/data/environments";
import { integrationsQuery } from "@/data/integrations";
import { overviewQuery, type Overview } from "@/data/overview";
import { Problem } from "@/data/problem";
import { useFormat } from "@/i18n/format";
import { LatestFindings } from "@/pages/environment/numbers";
import { Advisories } from "./advisories";
import { EnvironmentCards } from "./cards";
import { Coverage } from "./coverage";
import { Exposure } from "./exposure";
import { FirstSteps } from "./first-steps";
import { WorstImages, WorstVulnerabilities } from "./lists";
import { News } from "./news";
import { PolicyCards } from "./policies";
import classes from "./overview.module.css";
import { Use } from "./use";

export function OverviewPage() {
  const { t } = useTranslation();
  const name = useEnvironment();
  const { data: overview, error, refetch } = useQuery(overviewQuery(name));
  const { data: report } = useQuery(coverageQuery);
  const { data: integrations, error: integrationsLost, refetch: findIntegrations } = useQuery(integrationsQuery);

  const unknown = name !== undefined && report !== undefined && name !== latestIndexed && !report.environments.some((e) => e.name === name);
  if ((error && !overview) || unknown) {
    return (
      <Page title={t("nav.overview")}>
        <Section>
          <ErrorState error={unknown ? new Problem(404, t("environment.unknown", { name })) : error} retry={refetch} />
        </Section>
      </Page>
    );
  }

  const isNew = overview?.images === 0 && overview.coverage.running === 0 && name === undefined && integrations?.length === 0;
  if (isNew) {
    return (
      <Page title={t("nav.overview")} lead={t("firstSteps.lead")}>
        <FirstSteps hasAdvisories={overview.advisories.length > 0} />
      </Page>
    );
  }

  // Where nothing runs, "none in use" and "all analysed" would sound like good news.
  const runs = name !== latestIndexed;
  return (
    <Page
      title={t("nav.overview")}
      lead={name === undefined ? t("overview.lead") : t("overview.leadIn", { environment: name })}
      actions={
        name !== undefined && (
          <Link to="/environments/$name" params={{ name }}>
            {t("overview.open", { name })}
          </Link>
        )
      }
    >
      {integrationsLost && !integrations && <ErrorLine what={t("nav.integrations")} error={integrationsLost} retry={findIntegrations} />}
      <StaleNotices integrations={integrations?.filter((i) => name === undefined || i.environment === name)} />
      <AdvisoryNotice advisories={overview?.advisories} />
      <div className={classes.top}>
        {runs ? (
          <>
            <Use overview={overview} />
            <Coverage overview={overview} />
          </>
        ) : (
          <LatestFindings />
        )}
        <News environment={name} runs={runs} day={overview?.news} />
        <Advisories />
      </div>
      {name === undefined && <EnvironmentCards />}
      <PolicyCards environment={name} />
      <div className={classes.lists}>
        <WorstVulnerabilities rows={overview?.topVulnerabilities} runs={runs} />
        <WorstImages rows={overview?.topImages} runs={runs} />
      </div>
      {runs && (name !== undefined || report?.environments.length !== 0) && <Exposure name={name} />}
    </Page>
  );
}

/** Says that what is published since is not known here. */
function AdvisoryNotice({ advisories }: { advisories: Overview["advisories"] | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const stale = advisories?.filter((a) => a.stale).map((a) => a.ecosystem) ?? [];
  if (advisories?.length === 0) {
    return (
      <Notice tone="warn">
        <p>{t("advisories.none.title")}</p>
        <p>{t("advisories.none.text")}</p>
      </Notice>
    );
  }
  if (stale.length === 0) {
    return null;
  }
  return (
    <Notice tone="warn" action={<Link to="/settings/jobs">{t("integration.look")}</Link>}>
      <p>{t("advisories.stale.title", { ecosystems: format.list(stale) })}</p>
      <p>{t("advisories.stale.text")}</p>
    </Notice>
  );
}
