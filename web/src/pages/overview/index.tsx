import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { CoverageNumber } from "@/components/coverage";
import { Gaps } from "@/components/gaps";
import { StaleNotices } from "@/components/integrations";
import { Page, Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { coverageQuery } from "@/data/coverage";
import { newestImagesQuery } from "@/data/images";
import { integrationsQuery } from "@/data/integrations";
import { Problem } from "@/data/problem";
import { advisoriesQuery } from "@/data/system";
import { Advisories } from "./advisories";
import { EnvironmentCards } from "./cards";
import { few } from "./few";
import { FirstSteps } from "./first-steps";
import { NewestImages, WorstVulnerabilities } from "./lists";
import classes from "./overview.module.css";


export function OverviewPage() {
  const { t } = useTranslation();
  const name = useEnvironment();
  const { data: report, error, refetch } = useQuery(coverageQuery);
  const { data: integrations } = useQuery(integrationsQuery);
  const { data: advisories } = useQuery(advisoriesQuery);
  const { data: newest } = useQuery(newestImagesQuery(name, few));

  const environment = report?.environments.find((e) => e.name === name);
  const unknown = name !== undefined && report !== undefined && environment === undefined;
  if ((error && !report) || unknown) {
    return (
      <Page title={t("nav.overview")}>
        <Section>
          <ErrorState error={unknown ? new Problem(404, t("environment.unknown", { name })) : error} retry={refetch} />
        </Section>
      </Page>
    );
  }

  const isNew = report?.running === 0 && integrations?.length === 0 && newest?.items.length === 0;
  if (isNew) {
    return (
      <Page title={t("nav.overview")} lead={t("firstSteps.lead")}>
        <FirstSteps hasAdvisories={advisories !== undefined && advisories.length > 0} />
      </Page>
    );
  }

  const coverage = name === undefined ? report : environment?.coverage;
  const missing = coverage !== undefined && coverage.running > coverage.analysed;
  return (
    <Page title={t("nav.overview")} lead={name === undefined ? t("overview.lead") : t("overview.leadIn", { environment: name })}>
      <StaleNotices integrations={integrations?.filter((i) => name === undefined || i.environment === name)} />
      {advisories?.length === 0 && (
        <Notice tone="warn">
          <p>{t("advisories.none.title")}</p>
          <p>{t("advisories.none.text")}</p>
        </Notice>
      )}
      <div className={classes.top}>
        <Section title={t("coverage.title")} padded>
          <div className={classes.number}>{coverage && <CoverageNumber coverage={coverage} />}</div>
        </Section>
        {environment ? (
          <Section title={t("environment.findings")} padded aside={<Link to="/environments/$name" params={{ name: environment.name }}>{t("overview.open", { name: environment.name })}</Link>}>
            <div className={classes.number}>
              <SeverityCounts counts={environment.summary} large />
            </div>
          </Section>
        ) : (
          <Advisories />
        )}
      </div>
      {missing && (
        <Gaps environment={name} title={t("overview.missing")} />
      )}
      {name === undefined && <EnvironmentCards environments={report?.environments} />}
      <div className={classes.lists}>
        <WorstVulnerabilities environment={name} />
        <NewestImages environment={name} />
      </div>
    </Page>
  );
}
