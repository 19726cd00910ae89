import { Button } from "@mantine/core";
import { IconArrowsDiff, IconPencil, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { environmentTabs } from "@/app/routes/running";
import { Ago } from "@/components/ago";
import { Choice, SearchInput, TabBar, tabClass, TabCount, Toggle } from "@/components/filters";
import { Gaps } from "@/components/gaps";
import { IntegrationsTable, StaleNotices } from "@/components/integrations";
import { Occurrences } from "@/components/occurrences";
import { Page, Section } from "@/components/page";
import { RegistryCheck } from "@/components/registries";
import { StaleAdvisories } from "@/components/stale";
import { ErrorLine, ErrorState } from "@/components/state";
import { coverageQuery } from "@/data/coverage";
import { environmentOccurrencesQuery, latestIndexed, type Environment, type OccurrenceFilter } from "@/data/environments";
import { exportOf } from "@/data/export";
import { integrationsQuery } from "@/data/integrations";
import { useRows } from "@/data/pages";
import { Problem } from "@/data/problem";
import { useRemember } from "@/data/recents";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { DeleteDialog } from "./delete";
import { EditDialog } from "./edit";
import { EnvironmentExposure } from "./exposure";
import { RunningImages } from "./images";
import { LatestFindings, Numbers } from "./numbers";
import { Profiles } from "./profiles";
import { WhatRanThen } from "./then";

export function EnvironmentPage() {
  const { name } = useParams({ from: "/app/environments/$name" });
  return name === latestIndexed ? <LatestIndexed /> : <OwnEnvironment name={name} />;
}

/** The environment that is built in. Nothing runs there, so that it has images and what is found in them, and no past. */
function LatestIndexed() {
  const { t } = useTranslation();
  useRemember({ kind: "environment", name: latestIndexed });
  return (
    <Page title={latestIndexed} crumbs={[<Link key="environments" to="/environments">{t("nav.environments")}</Link>]} lead={t("environment.latest.about")}>
      <LatestFindings />
      <RunningImages name={latestIndexed} />
    </Page>
  );
}

function OwnEnvironment({ name }: { name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { tab = "images" } = useSearch({ from: "/app/environments/$name" });
  // The coverage also knows environments of which no image is analysed yet.
  const { data: report, error, refetch } = useQuery(coverageQuery);
  const { data: integrations, error: integrationsLost, refetch: findIntegrations } = useQuery(integrationsQuery);
  const environment = report && [...report.environments, ...report.idle].find((e) => e.name === name);
  useRemember(environment && { kind: "environment", name });
  const crumbs = [<Link key="environments" to="/environments">{t("nav.environments")}</Link>];

  // What nothing reports to any more has a past still; whether it has one knows the server.
  const isPast = tab === "exposure" || tab === "then";
  const isGone = report !== undefined && !environment;
  if ((error && !report) || (isGone && !isPast)) {
    return (
      <Page title={name} crumbs={crumbs}>
        <Section>
          <ErrorState error={report ? new Problem(404, t("environment.unknown", { name })) : error} retry={refetch} />
        </Section>
      </Page>
    );
  }

  const feeding = integrations?.filter((i) => i.environment === name);
  const gaps = environment && environment.coverage.running - environment.coverage.analysed;
  const counts = { images: environment?.images, exposure: undefined, then: undefined, gaps, occurrences: undefined, integrations: feeding?.length };
  return (
    <Page
      title={name}
      crumbs={crumbs}
      actions={environment && <Actions environment={environment} />}
      lead={
        environment && (
          <>
            {environment.description !== "" && <div>{environment.description}</div>}
            {format.list(environment.clusters)}
            {environment.asOf && (
              <>
                {environment.clusters.length > 0 && " · "}
                {t("environment.asOf")} <Ago at={environment.asOf} />
              </>
            )}
          </>
        )
      }
    >
      {integrationsLost && !integrations && tab !== "integrations" && <ErrorLine what={t("nav.integrations")} error={integrationsLost} retry={findIntegrations} />}
      <StaleNotices integrations={feeding} />
      <StaleAdvisories />
      {tab !== "then" && !isGone && <Numbers environment={environment} />}
      <TabBar label={t("environment.parts")}>
        {environmentTabs.map((part) => (
          <Link
            key={part}
            to="."
            search={{ tab: part === "images" ? undefined : part }}
            className={tabClass}
            aria-current={part === tab ? "page" : undefined}
            activeOptions={{ exact: true }}
            activeProps={{}}
            replace
          >
            {t(`environment.tab.${part}`)}
            <TabCount n={counts[part]} />
          </Link>
        ))}
      </TabBar>
      {(tab === "images" || tab === "gaps") && <RegistryCheck environment={name} />}
      {tab === "images" && <RunningImages name={name} />}
      {tab === "exposure" && <EnvironmentExposure name={name} />}
      {tab === "then" && <WhatRanThen name={name} />}
      {tab === "gaps" && <Gaps environment={name} />}
      {tab === "occurrences" && <EnvironmentOccurrences name={name} clusters={environment?.clusters} />}
      {tab === "integrations" && (
        <>
          <Section>
            {integrationsLost && !integrations ? <ErrorState error={integrationsLost} retry={findIntegrations} /> : <IntegrationsTable integrations={feeding} environment={name} />}
          </Section>
          {environment && <Profiles environment={environment} />}
        </>
      )}
    </Page>
  );
}

/** What can be done with an environment; owners change it. */
function Actions({ environment }: { environment: Environment }) {
  const { t } = useTranslation();
  const owner = useMay("connect");
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const close = () => {
    setDialog(undefined);
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconArrowsDiff size={14} aria-hidden />} renderRoot={(props) => <Link to="/compare" search={{ from: environment.name }} {...props} />}>
        {t("compare.with")}
      </Button>
      {owner && (
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPencil size={14} aria-hidden />}
            onClick={() => {
              setDialog("edit");
            }}
          >
            {t("environment.edit.open")}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconTrash size={14} aria-hidden />}
            onClick={() => {
              setDialog("delete");
            }}
          >
            {t("environment.delete.open")}
          </Button>
        </>
      )}
      {dialog === "edit" && <EditDialog environment={environment} onClose={close} />}
      {dialog === "delete" && <DeleteDialog environment={environment} onClose={close} />}
    </>
  );
}

function EnvironmentOccurrences({ name, clusters = [] }: { name: string; clusters: string[] | undefined }) {
  const { t } = useTranslation();
  const { q, namespace, cluster, running } = useSearch({ from: "/app/environments/$name" });
  const navigate = useNavigate({ from: "/environments/$name" });
  const filter = { q, namespace, cluster, running };
  const list = useRows(environmentOccurrencesQuery(name, filter));
  const narrow = (by: OccurrenceFilter) => void navigate({ search: (s) => ({ ...s, ...by }), replace: true });
  // One that is named in the address may have been disconnected since.
  const choices = cluster === undefined || clusters.includes(cluster) ? clusters : [...clusters, cluster];
  return (
    <Occurrences
      list={list}
      of="environment"
      filters={
        <>
          <SearchInput
            label={t("occurrence.filter")}
            value={q ?? ""}
            onChange={(text) => {
              narrow({ q: text === "" ? undefined : text });
            }}
          />
          {(choices.length > 1 || cluster !== undefined) && (
            <Choice
              label={t("workload.cluster")}
              options={[{ value: "", label: t("occurrence.anyCluster") }, ...choices.map((c) => ({ value: c, label: c }))]}
              value={cluster ?? ""}
              onChange={(value) => {
                narrow({ cluster: value === "" ? undefined : value });
              }}
            />
          )}
          {namespace !== undefined && (
            <Toggle
              pressed
              onChange={() => {
                narrow({ namespace: undefined });
              }}
            >
              {t("occurrence.inNamespace", { namespace })}
            </Toggle>
          )}
          <Toggle
            pressed={running === true}
            onChange={(pressed) => {
              narrow({ running: pressed ? true : undefined });
            }}
          >
            {t("occurrence.now")}
          </Toggle>
        </>
      }
      narrowed={Object.values(filter).some((v) => v !== undefined)}
      clear={() => {
        narrow({ q: undefined, namespace: undefined, cluster: undefined, running: undefined });
      }}
      exports={exportOf("/api/v1/export/environments/{name}/occurrences", { path: { name }, query: filter })}
    />
  );
}
