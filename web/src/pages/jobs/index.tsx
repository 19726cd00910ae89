import { Button, Skeleton } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Toggle } from "@/components/filters";
import { List } from "@/components/list";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { AnalysisState, IntegrationState, Notice } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { analysesQuery, analysisStates, isOver, useRetry, type Analysis } from "@/data/analyses";
import { exportOf } from "@/data/export";
import { integrationsQuery, useSync, type Integration } from "@/data/integrations";
import { useRows } from "@/data/pages";
import { lanesQuery } from "@/data/push";
import { useMay } from "@/data/session";
import { advisoriesQuery, feedName, useRetryUpdate, type AdvisoryStatus } from "@/data/system";
import { useFormat } from "@/i18n/format";
import classes from "./jobs.module.css";

/** What the server does by itself: analyses, sweeps, and how old its advisories are. */
export function JobsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("nav.jobs")} lead={t("jobs.lead")}>
      <Lanes />
      <Analyses />
      <Sweeps />
      <Advisories />
    </Page>
  );
}

/** What waits, by who waits for it: in this order it is analysed. */
function Lanes() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(lanesQuery);
  if (error && !data) {
    return (
      <Section title={t("jobs.lanes")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  return (
    <Section title={t("jobs.lanes")} padded>
      {data === undefined && <Skeleton height={38} />}
      <dl className={classes.lanes}>
        {data?.map((lane) => (
          <div key={lane.lane}>
            <dt>{t(`jobs.lane.${lane.lane}`)}</dt>
            <dd>{t("jobs.laneCounts", { running: format.number(lane.running), queued: format.number(lane.queued + lane.coming) })}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Analyses() {
  const { t } = useTranslation();
  const { state } = useSearch({ from: "/app/settings/jobs" });
  const navigate = useNavigate({ from: "/settings/jobs" });
  const list = useRows(analysesQuery(state));
  const choose = (wanted: Analysis["state"] | undefined) => void navigate({ search: (s) => ({ ...s, state: wanted }), replace: true });
  const retry = useRetry();
  const may = useMay("upload");
  const columns: Column<Analysis>[] = [
    {
      id: "reference",
      header: t("analyse.reference"),
      cell: (a) =>
        a.digest ? (
          <Link to="/images/$digest" params={{ digest: a.digest }} data-row>
            {a.reference}
          </Link>
        ) : (
          a.reference
        ),
    },
    { id: "state", header: t("integration.state.title"), width: "7.5rem", cell: (a) => <AnalysisState state={a.state} /> },
    { id: "reason", header: t("integration.reason"), width: "clamp(10rem, 26cqi, 26rem)", wrap: true, priority: 2, cell: (a) => a.reason },
    { id: "lane", header: t("jobs.laneOf"), width: "7.5rem", priority: 3, cell: (a) => t(`jobs.laneShort.${a.lane}`) },
    { id: "platform", header: t("image.platform"), width: "7.5rem", priority: 3, cell: (a) => a.platform },
    { id: "created", header: t("jobs.asked"), width: "8.5rem", priority: 2, cell: (a) => <Ago at={a.created} /> },
    {
      id: "retry",
      header: t("gap.action"),
      width: "9rem",
      end: true,
      priority: 2,
      cell: (a) =>
        may &&
        isOver(a) && (
          <Retry
            what={a.reference}
            again={a.state === "done"}
            pending={retry.isPending && retry.variables === a.id}
            onClick={() => {
              retry.mutate(a.id);
            }}
          />
        ),
    },
  ];
  return (
    <>
      <NotRetried text={t("jobs.notRetried")} error={retry.error} />
      <List
        title={t("jobs.analyses")}
        label={t("jobs.analyses")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(a) => a.id}
        filters={
          <div className={classes.states} role="group" aria-label={t("jobs.filter")}>
            {analysisStates.map((s) => (
              <Toggle
                key={s}
                pressed={state === s}
                onChange={(pressed) => {
                  choose(pressed ? s : undefined);
                }}
              >
                <AnalysisState state={s} />
              </Toggle>
            ))}
          </div>
        }
        narrowed={state !== undefined}
        clear={() => {
          choose(undefined);
        }}
        exports={exportOf("/api/v1/export/analyses", { query: { state } })}
        empty={
          <State icon={<IconListCheck size={28} stroke={1.5} aria-hidden />} title={t("jobs.none.title")}>
            {t("jobs.none.text")}
          </State>
        }
      />
    </>
  );
}

/** Has what failed tried again. */
function Retry({ what, again = false, pending, onClick }: { what: string; /** It was done, and did not fail. */ again?: boolean; pending: boolean; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button variant="default" size="compact-xs" aria-label={t(again ? "jobs.againOne" : "jobs.retryOne", { reference: what })} loading={pending} onClick={onClick}>
      {t(again ? "analyse.again" : "jobs.retry")}
    </Button>
  );
}

function NotRetried({ text, error }: { text: string; error: Error | null }) {
  if (!error) {
    return null;
  }
  return (
    <div role="alert">
      <Notice tone="bad">
        <p>{text}</p>
        <p>{error.message}</p>
      </Notice>
    </div>
  );
}

function Sweeps() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(integrationsQuery);
  const retry = useSync();
  const may = useMay("connect");
  const never = <span className="muted">{t("environment.never")}</span>;
  const columns: Column<Integration>[] = [
    {
      id: "name",
      header: t("integration.name"),
      cell: (i) => (
        <Link to="/integrations/$name" params={{ name: i.name }} data-row>
          {i.name}
        </Link>
      ),
    },
    { id: "state", header: t("integration.state.title"), width: "8.5rem", cell: (i) => <IntegrationState state={i.state} /> },
    { id: "reason", header: t("integration.reason"), width: "clamp(10rem, 24cqi, 24rem)", wrap: true, priority: 2, cell: (i) => i.reason },
    { id: "attempt", header: t("integration.lastAttempt"), width: "8.5rem", priority: 3, cell: (i) => (i.lastAttempt ? <Ago at={i.lastAttempt} /> : never) },
    { id: "complete", header: t("integration.lastComplete"), width: "10.5rem", priority: 2, cell: (i) => (i.lastCompleteSweep ? <Ago at={i.lastCompleteSweep} /> : never) },
    { id: "next", header: t("integration.next"), width: "8.5rem", priority: 3, cell: (i) => i.state !== "paused" && <Ago at={i.nextSweep} /> },
    {
      id: "retry",
      header: t("gap.action"),
      width: "6rem",
      end: true,
      cell: (i) =>
        may &&
        (i.state === "failing" || i.state === "degraded") && (
          <Retry
            what={i.name}
            pending={retry.isPending && retry.variables === i.name}
            onClick={() => {
              retry.mutate(i.name);
            }}
          />
        ),
    },
  ];
  return (
    <Section title={t("jobs.sweeps")}>
      <NotRetried text={t("jobs.sweepNotRetried")} error={retry.error} />
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Table label={t("jobs.sweeps")} columns={columns} rows={data} keyOf={(i) => i.name} skeleton={2} empty={<State title={t("integrations.none.title")} />} />
      )}
    </Section>
  );
}

function Advisories() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(advisoriesQuery);
  const retry = useRetryUpdate();
  const may = useMay("operate");
  const columns: Column<AdvisoryStatus>[] = [
    { id: "ecosystem", header: t("jobs.ecosystem"), width: "clamp(9rem, 16cqi, 14rem)", cell: (a) => feedName(a) },
    { id: "reason", header: t("integration.reason"), wrap: true, priority: 3, cell: (a) => a.reason },
    { id: "records", header: t("jobs.records"), width: "7rem", end: true, priority: 2, cell: (a) => format.number(a.records) },
    { id: "newest", header: t("jobs.newest"), width: "8.5rem", wrap: true, priority: 2, cell: (a) => a.newest && <Ago at={a.newest} /> },
    { id: "imported", header: t("jobs.imported"), width: "9rem", priority: 3, cell: (a) => a.imported && <Ago at={a.imported} /> },
    { id: "checked", header: t("advisories.checked"), width: "9rem", priority: 2, cell: (a) => (a.checked === undefined ? <span className="muted">{t("environment.never")}</span> : <Ago at={a.checked} />) },
    { id: "next", header: t("jobs.nextUpdate"), width: "8.5rem", priority: 3, cell: (a) => a.nextUpdate && <Ago at={a.nextUpdate} /> },
    {
      id: "retry",
      header: t("gap.action"),
      width: "6rem",
      end: true,
      cell: (a) =>
        may &&
        a.failingSince !== undefined && (
          <Retry
            what={feedName(a)}
            pending={retry.isPending && retry.variables === a}
            onClick={() => {
              retry.mutate(a);
            }}
          />
        ),
    },
  ];
  return (
    <Section title={t("jobs.advisories")}>
      <NotRetried text={t("jobs.updateNotRetried")} error={retry.error} />
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Table
          label={t("jobs.advisories")}
          columns={columns}
          rows={data}
          keyOf={feedName}
          skeleton={2}
          empty={<State title={t("advisories.none.title")}>{t("advisories.none.text")}</State>}
        />
      )}
    </Section>
  );
}
