import { IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CoverageMeter } from "@/components/coverage";
import { ExportMenu } from "@/components/export-menu";
import { FilterBar } from "@/components/filters";
import { Page, Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { Table, type Column } from "@/components/table";
import { coverageQuery } from "@/data/coverage";
import { deletedEnvironmentsQuery, environmentQuery, inUseOf, latestIndexed, type Environment } from "@/data/environments";
import { exportOf } from "@/data/export";
import { Used } from "@/components/used";
import { useFormat } from "@/i18n/format";
import classes from "./environments.module.css";

export function EnvironmentsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(coverageQuery);
  // What is built in comes after the others, which do not wait for it.
  const { data: latest } = useQuery({ ...environmentQuery(latestIndexed), enabled: data !== undefined });
  const rows = useMemo(() => data && [...data.environments, ...(latest && latest.images > 0 ? [latest] : [])], [data, latest]);
  const columns: Column<Environment>[] = [
    {
      id: "name",
      header: t("environment.one"),
      cell: (e) => (
        <>
          <Link to="/environments/$name" params={{ name: e.name }} data-row>
            <strong>{e.name}</strong> {e.builtIn && <span className="muted">{t("environment.latest.builtIn")}</span>}
          </Link>
          {!e.builtIn && e.description !== "" && <div className={`${classes.description ?? ""} muted`}>{e.description}</div>}
        </>
      ),
    },
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "clamp(9.5rem, 30cqi, 15rem)", cell: (e) => <SeverityCounts counts={e.summary} /> },
    { id: "use", header: t("use.inUse"), width: "6rem", end: true, priority: 2, cell: (e) => (e.builtIn ? null : <Used loaded={inUseOf(e)} all={e.summary} />) },
    {
      id: "coverage",
      header: t("coverage.title"),
      width: "clamp(8rem, 18cqi, 16rem)",
      priority: 2,
      cell: (e) => e.builtIn ? <span className="muted">{t("environment.imageCount", { count: e.images, n: format.number(e.images) })}</span> : (
        <span className={classes.coverage}>
          <span>{t("coverage.short", { analysed: format.number(e.coverage.analysed), running: format.number(e.coverage.running) })}</span>
          <CoverageMeter coverage={e.coverage} small />
        </span>
      ),
    },
    { id: "clusters", header: t("environment.clusters"), width: "clamp(6rem, 12cqi, 12rem)", priority: 2, cell: (e) => (e.clusters.length === 0 ? null : <span title={e.clusters.join(", ")}>{format.list(e.clusters)}</span>) },
    { id: "asOf", header: t("environment.asOf"), width: "9rem", priority: 2, cell: (e) => (e.builtIn ? null : e.asOf ? <Ago at={e.asOf} /> : <span className="muted">{t("environment.never")}</span>) },
  ];
  return (
    <Page title={t("nav.environments")} lead={t("environments.lead")}>
      <FilterBar end={<ExportMenu address={exportOf("/api/v1/export/environments", { query: { empty: true } })} />}>{null}</FilterBar>
      <Section>
        {error && !data ? (
          <ErrorState error={error} retry={refetch} />
        ) : (
          <Table
            label={t("nav.environments")}
            columns={columns}
            rows={rows}
            keyOf={(e) => e.name}
            skeleton={3}
            empty={
              <State icon={<IconServer2 size={28} stroke={1.5} aria-hidden />} title={t("environments.none.title")}>
                {t("environments.none.text")} <Link to="/integrations">{t("nav.integrations")}</Link>
              </State>
            }
          />
        )}
      </Section>
      {data && data.idle.length > 0 && <Idle environments={data.idle} />}
      <Deleted />
    </Page>
  );
}

/** Those in which nothing runs: they are in no choice and no count, and still there. */
function Idle({ environments }: { environments: Environment[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t("environments.idle.title")} padded>
      <p className="muted">{t("environments.idle.text")}</p>
      <ul className={classes.names}>
        {environments.map((e) => (
          <li key={e.name}>
            <Link to="/environments/$name" params={{ name: e.name }} search={{ tab: "exposure" }}>
              {e.name}
            </Link>
            {e.description !== "" && <span className="muted"> {e.description}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Those that were deleted, if there are any: what ran there can still be read. */
function Deleted() {
  const { t } = useTranslation();
  const { data } = useQuery(deletedEnvironmentsQuery);
  if (data === undefined || data.length === 0) {
    return null;
  }
  return (
    <Section title={t("environments.deleted.title")} padded>
      <p className="muted">{t("environments.deleted.text")}</p>
      <ul className={classes.names}>
        {data.map((e) => (
          <li key={e.name}>
            <Link to="/environments/$name" params={{ name: e.name }} search={{ tab: "exposure" }}>
              {e.name}
            </Link>{" "}
            <span className="muted">
              <Ago at={e.deleted} /> {e.by !== undefined && t("environments.deleted.by", { who: e.by })}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
