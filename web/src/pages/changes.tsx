import { IconCheck, IconHistory, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago } from "@/components/ago";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { Choice, SeverityFilter, Toggle } from "@/components/filters";
import { List } from "@/components/list";
import { severityWidth } from "@/components/narrow";
import { Page } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { SinceField } from "@/components/since-field";
import { StaleAdvisories } from "@/components/stale";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { serverNow } from "@/data/clock";
import { exportOf } from "@/data/export";
import { becomings, causes, changeParameters, findingChangesQuery, usualSince, type FindingEvent } from "@/data/news";
import { useRows } from "@/data/pages";
import { useFormat } from "@/i18n/format";

/** What was found since a time, and what no longer, and why. */
export function ChangesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { since = usualSince(serverNow()), change, cause = [], severity = [] } = useSearch({ from: "/app/changes" });
  const navigate = useNavigate({ from: "/changes" });
  const filter = { environment, since, change, cause, severity };
  const list = useRows(findingChangesQuery(filter));

  const columns: Column<FindingEvent>[] = [
    { id: "at", header: t("news.when"), width: "8.5rem", priority: 2, cell: (e) => <Ago at={e.at} /> },
    {
      id: "change",
      header: t("news.change"),
      width: "6rem",
      cell: (e) => (
        <>
          {e.change === "found" ? <IconPlus size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />} {t(`news.becomes.${e.change}`)}
        </>
      ),
    },
    { id: "severity", header: t("severity.title"), headless: "narrow", width: severityWidth, cell: (e) => <SeverityBadge severity={e.severity} /> },
    {
      id: "id",
      header: t("vulnerability.id"),
      width: "clamp(9.25rem, 20cqi, 10.5rem)",
      wrap: true,
      cell: (e) => (
        <Link to="/vulnerabilities/$id" params={{ id: e.id }} data-row title={e.summary}>
          <strong>{e.id}</strong>
        </Link>
      ),
    },
    {
      id: "package",
      header: t("package.name"),
      wrap: true,
      priority: 2,
      cell: (e) => (
        <Link to="/packages/$type" params={{ type: e.package.type }} search={{ name: e.package.name, version: e.package.version }}>
          {e.package.name} <span className="muted">{e.package.version}</span>
        </Link>
      ),
    },
    { id: "cause", header: t("news.cause"), width: "10.5rem", priority: 2, cell: (e) => <span title={e.advisory}>{t(`news.causes.${e.cause}`)}</span> },
    { id: "images", header: t("nav.images"), width: "4.25rem", end: true, priority: 3, cell: (e) => format.number(e.images) },
    { id: "environments", header: t("image.runsIn"), width: environmentsWidth, priority: 3, cell: (e) => <EnvironmentNames names={e.environments} /> },
  ];

  return (
    <Page title={t("nav.changes")} lead={environment === undefined ? t("news.lead") : t("news.leadIn", { environment })}>
      <StaleAdvisories />
      <List
        label={t("nav.changes")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(e) => `${e.at} ${e.change} ${e.id} ${e.package.purl} ${e.package.version}`}
        filters={
          <>
            <SinceField value={since} onChange={(at) => void navigate({ search: (s) => ({ ...s, since: at }), replace: true })} />
            <Choice
              label={t("news.change")}
              options={[{ value: "", label: t("news.becomes.any") }, ...becomings.map((b) => ({ value: b, label: t(`news.becomes.${b}`) }))]}
              value={change ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, change: becomings.find((b) => b === chosen) }), replace: true })}
            />
            <SeverityFilter
              value={severity}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length === 0 ? undefined : chosen }), replace: true })}
            />
            {causes.map((c) => (
              <Toggle
                key={c}
                pressed={cause.includes(c)}
                onChange={(on) => {
                  const chosen = causes.filter((other) => (other === c ? on : cause.includes(other)));
                  void navigate({ search: (s) => ({ ...s, cause: chosen.length === 0 ? undefined : chosen }), replace: true });
                }}
              >
                {t(`news.causes.${c}`)}
              </Toggle>
            ))}
          </>
        }
        narrowed={change !== undefined || cause.length > 0 || severity.length > 0}
        clear={() => void navigate({ search: (s) => ({ ...s, change: undefined, cause: undefined, severity: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/findings/changes", { query: changeParameters(filter) })}
        empty={
          <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("news.none.title")}>
            {t("news.none.text")}
          </State>
        }
      />
    </Page>
  );
}
