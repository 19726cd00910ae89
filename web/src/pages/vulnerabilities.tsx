import { IconCheck, IconShieldCheck } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago } from "@/components/ago";
import { CopyButton } from "@/components/copy";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { Choice, SearchInput, SeverityFilter, Toggle } from "@/components/filters";
import { LeftOut } from "@/components/left-out";
import { List } from "@/components/list";
import { severityWidth } from "@/components/narrow";
import { Page } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { StaleAdvisories, ThreatsMissing } from "@/components/stale";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { Threat } from "@/components/threat";
import { latestIndexed } from "@/data/environments";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { likelihoods, useLeftOut, useMinorHidden, vulnerabilitiesQuery, vulnerabilitySorts, type Vulnerability } from "@/data/vulnerabilities";
import { useFormat } from "@/i18n/format";
import classes from "./vulnerabilities.module.css";

export function VulnerabilitiesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { severity = [], fixable, q, kev, epss, ignoreMinor, used, suppressed, notSeen, sort } = useSearch({ from: "/app/vulnerabilities" });
  const navigate = useNavigate({ from: "/vulnerabilities" });
  const filter = { environment, severity, q, fixable, kev, minEpss: epss === undefined ? undefined : Number(epss), ignoreMinor, inUse: used, suppressed, notSeen, sort };
  const query = vulnerabilitiesQuery(filter);
  const list = useRows(query);
  const minor = useMinorHidden(query);
  const left = useLeftOut(query);

  // Only of one environment, or of what is in use, the server counts what is.
  const counted = used === true || (environment !== undefined && environment !== latestIndexed);
  const columns: Column<Vulnerability>[] = [
    { id: "severity", header: t("severity.title"), headless: "narrow", width: severityWidth, cell: (v) => <SeverityBadge severity={v.severity} /> },
    {
      id: "id",
      header: t("vulnerability.id"),
      cell: (v) => (
        <>
          <Link to="/vulnerabilities/$id" params={{ id: v.id }} data-row>
            <strong>{v.id}</strong>
          </Link>{" "}
          <CopyButton text={v.id} label={t("vulnerability.copy", { id: v.id })} />
          {v.summary !== "" && (
            <div className={`${classes.summary ?? ""} muted`} title={v.summary}>
              {v.summary}
            </div>
          )}
        </>
      ),
    },
    { id: "score", header: t("vulnerability.score"), width: "4rem", end: true, priority: 2, cell: (v) => (v.score === 0 ? <span className="muted">—</span> : v.score.toFixed(1)) },
    { id: "threat", header: t("threat.column"), width: "9.5rem", priority: 2, cell: (v) => <Threat of={v} /> },
    {
      id: "fixable",
      header: t("vulnerability.fix"),
      width: "7.25rem",
      priority: 2,
      cell: (v) =>
        v.fixable ? (
          <>
            <IconCheck size={14} aria-hidden /> {t("vulnerability.fixable")}
          </>
        ) : (
          <span className="muted">{t("vulnerability.noFix")}</span>
        ),
    },
    { id: "images", header: t("nav.images"), width: "5rem", end: true, priority: 2, cell: (v) => format.number(v.images) },
    {
      id: "packages",
      header: t(counted ? "use.inUse" : "vulnerability.packages"),
      width: counted ? "6.5rem" : "5.25rem",
      end: true,
      priority: counted ? 2 : 3,
     
      cell: (v) => (v.inUse === undefined ? format.number(v.packages) : <span title={t("use.packages")}>{t("use.of", { n: format.number(v.inUse), all: format.number(v.packages) })}</span>),
    },
    { id: "environments", header: t("image.runsIn"), width: environmentsWidth, priority: 3, cell: (v) => <EnvironmentNames names={v.environments} /> },
    { id: "since", header: t("vulnerability.since"), width: "8.5rem", priority: 3, cell: (v) => <Ago at={v.since} /> },
  ];

  return (
    <Page title={t("nav.vulnerabilities")} lead={environment === undefined ? t("vulnerabilities.lead") : environment === latestIndexed ? t("environment.latest.vulnerabilities") : t("vulnerabilities.leadIn", { environment })}>
      <StaleAdvisories />
      <ThreatsMissing kev={kev === true || sort === "urgency"} epss={epss !== undefined || sort === "urgency"} />
      <List
        label={t("nav.vulnerabilities")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(v) => v.id}
        filters={
          <>
            <SearchInput
              label={t("vulnerabilities.filter")}
              value={q ?? ""}
              onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
            />
            <SeverityFilter
              value={severity}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length === 0 ? undefined : chosen }), replace: true })}
            />
            <Toggle pressed={fixable === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, fixable: on ? true : undefined }), replace: true })}>
              {t("vulnerability.fixable")}
            </Toggle>
            <Toggle pressed={kev === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, kev: on ? true : undefined }), replace: true })}>
              {t("threat.exploited")}
            </Toggle>
            <Toggle pressed={used === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, used: on ? true : undefined }), replace: true })}>
              {t("use.inUse")}
            </Toggle>
            <Toggle pressed={ignoreMinor === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, ignoreMinor: on ? true : undefined }), replace: true })}>
              {t("minor.ignore")}
            </Toggle>
            <LeftOut label={t("decisions.show")} n={left.suppressed} shown={suppressed === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, suppressed: on }), replace: true })} />
            <LeftOut label={t("use.leftOut")} about={t("use.leftOutAbout")} n={left.notSeen} shown={notSeen === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, notSeen: on }), replace: true })} />
            <Choice
              label={t("threat.likely")}
              options={[{ value: "", label: t("threat.any") }, ...likelihoods.map((p) => ({ value: p, label: t("threat.from", { p: format.likelihood(Number(p)) }) }))]}
              value={epss ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, epss: likelihoods.find((p) => p === chosen) }), replace: true })}
            />
            <Choice
              label={t("vulnerabilities.sort.title")}
              options={vulnerabilitySorts.map((s) => ({ value: s, label: t(`vulnerabilities.sort.${s}`) }))}
              value={sort ?? "worst"}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, sort: chosen === "urgency" ? "urgency" : undefined }), replace: true })}
            />
          </>
        }
        minor={minor}
        narrowed={ignoreMinor === true || severity.length > 0 || q !== undefined || fixable === true || kev === true || used === true || epss !== undefined}
        clear={() => void navigate({ search: (s) => ({ ...s, q: undefined, fixable: undefined, severity: undefined, kev: undefined, epss: undefined, ignoreMinor: undefined, used: undefined, suppressed: undefined, notSeen: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/vulnerabilities", { query: filter })}
        empty={
          <State icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />} title={t("vulnerabilities.none.title")}>
            {t("vulnerabilities.none.text")}
          </State>
        }
      />
    </Page>
  );
}
