import { IconChevronDown, IconChevronRight, IconShieldCheck } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Episodes, LastChange } from "@/components/episodes";
import { Toggle } from "@/components/filters";
import { IconButton } from "@/components/icon-button";
import { List } from "@/components/list";
import { severityWidth } from "@/components/narrow";
import { useOpenRows } from "@/components/open-rows";
import { SeverityBadge } from "@/components/severity";
import { State } from "@/components/state";
import { ExposureStatus } from "@/components/status";
import { Decided } from "@/components/suppressed";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { exposuresQuery, exposureStates, type Exposure } from "@/data/exposure";
import { useRows } from "@/data/pages";
import classes from "./exposure.module.css";

/** Each exposure within a year; a row opens to its times and what began and ended them. */
export function Exposures({ name }: { name: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/environments/$name" });
  const { state, severity } = useSearch({ from: "/app/environments/$name" });
  const list = useRows(exposuresQuery(name, { state, severity }));
  const { isOpen, toggle } = useOpenRows();
  const columns: Column<Exposure>[] = [
    {
      id: "vulnerability",
      header: t("exposure.vulnerability"),
      cell: (e) => {
        const Chevron = isOpen(e.vulnerability) ? IconChevronDown : IconChevronRight;
        return (
          <span className={classes.name}>
            <IconButton
              expanded={isOpen(e.vulnerability)}
              label={t("exposure.toggle", { vulnerability: e.vulnerability })}
              onClick={() => {
                toggle(e.vulnerability);
              }}
            >
              <Chevron size={15} aria-hidden />
            </IconButton>
            <Link to="/vulnerabilities/$id" params={{ id: e.vulnerability }} search={{ environment: name }} data-row>
              {e.vulnerability}
            </Link>
          </span>
        );
      },
    },
    { id: "severity", header: t("exposure.severity"), headless: "narrow", width: severityWidth, cell: (e) => <SeverityBadge severity={e.severity} /> },
    { id: "state", header: t("exposure.state.title"), width: "clamp(5.5rem, 14cqi, 10rem)", cell: (e) => <ExposureStatus of={e} /> },
    { id: "since", header: t("exposure.since"), width: "9rem", priority: 2, cell: (e) => e.episodes[0] && <Ago at={e.episodes[0].since} /> },
    { id: "due", header: t("exposure.due"), width: "9rem", priority: 2, cell: (e) => (e.due === null ? <span className="muted">–</span> : <Ago at={e.due} />) },
    { id: "cause", header: t("exposure.lastChange"), width: "clamp(8rem, 24cqi, 24rem)", priority: 2, cell: (e) => e.episodes[0] && <LastChange episode={e.episodes[0]} /> },
  ];
  const clear = () => void navigate({ search: (s) => ({ ...s, state: undefined, severity: undefined }), replace: true });
  return (
    <List
      label={t("exposure.list")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(e) => e.vulnerability}
      filters={
        <div className={classes.group} role="group" aria-label={t("exposure.state.filter")}>
          {exposureStates.map((s) => (
            <Toggle key={s} pressed={s === state} onChange={(pressed) => void navigate({ search: (old) => ({ ...old, state: pressed ? s : undefined }), replace: true })}>
              {t(`exposure.state.${s}`)}
            </Toggle>
          ))}
        </div>
      }
      narrowed={state !== undefined || severity !== undefined}
      clear={clear}
      exports={exportOf("/api/v1/export/environments/{name}/exposures", { path: { name }, query: { state, severity } })}
      detail={(e) =>
        isOpen(e.vulnerability) ? (
          <>
            {e.suppressed !== undefined && <Decided by={e.suppressed} />}
            <Episodes episodes={e.episodes} count={e.episodeCount} environment={name} knownSince={e.knownSince} />
          </>
        ) : null
      }
      empty={<State icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />} title={t("exposure.none.title")}>{t("exposure.none.text")}</State>}
    />
  );
}
