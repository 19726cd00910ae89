import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Page, Section } from "@/components/page";
import { Command, ErrorState, State } from "@/components/state";
import { Freshness, Notice, RetentionState } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { analysesQuery, useRetry, type Analysis } from "@/data/analyses";
import { useRows } from "@/data/pages";
import { runsQuery, storageQuery, type RetentionRun, type StorageUse } from "@/data/retention";
import { useMay } from "@/data/session";
import { advisoriesQuery, feedName, type AdvisoryStatus } from "@/data/system";
import { useFormat } from "@/i18n/format";
import { RetentionSection } from "./retention";
import classes from "./data.module.css";

/** What is kept, for how long, how old it is, and what went wrong in getting it. */
export function DataPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("nav.data")} lead={t("data.lead")}>
      {useMay("operate") && <Storage />}
      <RetentionSection />
      <Runs />
      <Advisories />
      <Failed />
    </Page>
  );
}

function Storage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(storageQuery);
  const most = Math.max(1, ...(data?.kinds.map((k) => k.bytes) ?? []));
  const columns: Column<StorageUse>[] = [
    { id: "kind", header: t("data.storage.kind"), cell: (k) => <span title={t(`data.storage.about.${k.kind}`)}>{t(`data.storage.kinds.${k.kind}`)}</span> },
    { id: "rows", header: t("data.storage.rows"), width: "8rem", end: true, cell: (k) => format.number(k.rows) },
    { id: "bytes", header: t("data.storage.bytes"), width: "7rem", end: true, cell: (k) => format.bytes(k.bytes) },
    {
      id: "share",
      header: t("data.storage.share"),
      width: "clamp(12rem, 38cqi, 38rem)",
      priority: 2,
      cell: (k) => (
        <span className={classes.bar} aria-hidden>
          <span style={{ width: `${String((100 * k.bytes) / most)}%` }} />
        </span>
      ),
    },
  ];
  if (error && !data) {
    return (
      <Section title={t("data.storage.title")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  return (
    <>
      <Section title={t("data.storage.title")} padded>
        {data ? (
          <p className={classes.size}>
            <strong>{format.bytes(data.bytes)}</strong>
            <span className="muted">{t(`data.storage.engine.${data.engine}`, { free: format.bytes(data.free) })}</span>
            <span className="muted">
              {t("data.storage.measured")} <Ago at={data.measured} />
            </span>
          </p>
        ) : (
          <div aria-busy="true" />
        )}
      </Section>
      <Section>
        <Table label={t("data.storage.byKind")} columns={columns} rows={data?.kinds} keyOf={(k) => k.kind} skeleton={9} empty={null} />
      </Section>
    </>
  );
}

function Runs() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(runsQuery);
  const columns: Column<RetentionRun>[] = [
    { id: "started", header: t("data.runs.started"), cell: (r) => <Ago at={r.started} /> },
    { id: "state", header: t("integration.state.title"), width: "9rem", priority: 2, cell: (r) => <RetentionState ended={r.finished !== undefined} /> },
    { id: "images", header: t("data.removed.images"), width: "7rem", end: true, priority: 2, cell: (r) => format.number(r.removed.images) },
    { id: "packages", header: t("data.removed.packages"), width: "8rem", end: true, priority: 2, cell: (r) => format.number(r.removed.packages) },
    { id: "analyses", header: t("data.removed.analyses"), width: "8rem", end: true, priority: 3, cell: (r) => format.number(r.removed.analyses) },
    { id: "audit", header: t("data.removed.audit"), width: "9rem", end: true, priority: 3, cell: (r) => format.number(r.removed.audit) },
    { id: "bytes", header: t("data.storage.bytes"), width: "7rem", end: true, cell: (r) => format.bytes(r.removed.bytes) },
  ];
  return (
    <Section title={t("data.runs.title")}>
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Table
          label={t("data.runs.title")}
          columns={columns}
          rows={data}
          keyOf={(r) => r.id}
          skeleton={1}
          empty={<State title={t("data.runs.none.title")}>{t("data.runs.none.text")}</State>}
        />
      )}
    </Section>
  );
}

/** Where advisories come from unless one is kept of one's own. */
const publicAdvisories = "https://osv-vulnerabilities.storage.googleapis.com";

function Advisories() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(advisoriesQuery);
  const stale = data?.filter((a) => a.stale).map(feedName) ?? [];
  const failing = data?.filter((a) => a.reason !== undefined) ?? [];
  // What is offered to be pasted into a shell holds nothing that a shell would read.
  const named = data?.filter((a) => a.stale && a.feed === "osv" && a.nextUpdate === undefined && /^[\w.: -]+$/.test(a.ecosystem)).map((a) => a.ecosystem) ?? [];
  const columns: Column<AdvisoryStatus>[] = [
    { id: "ecosystem", header: t("jobs.ecosystem"), cell: (a) => feedName(a) },
    { id: "state", header: t("integration.state.title"), width: "8rem", cell: (a) => (a.imported === undefined ? <span className="muted">{t("data.advisories.missing")}</span> : <Freshness stale={a.stale} />) },
    { id: "records", header: t("jobs.records"), width: "8rem", end: true, priority: 2, cell: (a) => format.number(a.records) },
    { id: "newest", header: t("jobs.newest"), width: "11rem", priority: 2, cell: (a) => a.newest && <Ago at={a.newest} /> },
    { id: "checked", header: t("advisories.checked"), width: "9rem", priority: 2, cell: (a) => (a.checked === undefined ? <span className="muted">{t("environment.never")}</span> : <Ago at={a.checked} />) },
    { id: "next", header: t("jobs.nextUpdate"), width: "9rem", priority: 2, cell: (a) => (a.nextUpdate === undefined ? <span className="muted">{t("data.advisories.byHand")}</span> : <Ago at={a.nextUpdate} />) },
  ];
  return (
    <>
      {stale.length > 0 && (
        <Notice tone="warn">
          <p>{t("advisories.stale.title", { ecosystems: format.list(stale) })}</p>
          {named.length > 0 && (
            <>
              <p>{t("data.advisories.mend")}</p>
              <p>
                <Command>{`crowsnest advisory import ${publicAdvisories} --ecosystem ${named.map((e) => (e.includes(" ") ? `"${e}"` : e)).join(",")}`}</Command>
              </p>
            </>
          )}
        </Notice>
      )}
      {failing.length > 0 && (
        <Notice tone="info">
          <p>{t("data.advisories.failing")}</p>
          <ul className={classes.failing}>
            {failing.map((a) => (
              <li key={feedName(a)}>
                <strong>{feedName(a)}</strong> {a.reason}{" "}
                {a.failingSince !== undefined && (
                  <span className="muted">
                    {t("data.advisories.since")} <Ago at={a.failingSince} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Section title={t("data.advisories.title")} aside={<Link to="/settings/updates">{t("updates.title")}</Link>}>
        {error && !data ? (
          <ErrorState error={error} retry={refetch} />
        ) : (
          <Table
            label={t("data.advisories.title")}
            columns={columns}
            rows={data}
            keyOf={feedName}
            skeleton={2}
            empty={<State title={t("advisories.none.title")}>{t("advisories.none.text")}</State>}
          />
        )}
      </Section>
    </>
  );
}

/** The newest analyses that failed; the page of jobs has them all. */
function Failed() {
  const { t } = useTranslation();
  const list = useRows(analysesQuery("failed"));
  const retry = useRetry();
  const may = useMay("upload");
  const columns: Column<Analysis>[] = [
    { id: "reference", header: t("analyse.reference"), cell: (a) => a.reference },
    { id: "reason", header: t("integration.reason"), width: "clamp(12rem, 40cqi, 40rem)", wrap: true, priority: 2, cell: (a) => a.reason },
    { id: "created", header: t("jobs.asked"), width: "8.5rem", priority: 2, cell: (a) => <Ago at={a.created} /> },
    {
      id: "retry",
      header: t("gap.action"),
      width: "6rem",
      end: true,
      cell: (a) =>
        may && (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={t("jobs.retryOne", { reference: a.reference })}
            loading={retry.isPending && retry.variables === a.id}
            onClick={() => {
              retry.mutate(a.id);
            }}
          >
            {t("jobs.retry")}
          </Button>
        ),
    },
  ];
  return (
    <Section
      title={t("data.failed.title")}
      aside={
        <Link to="/settings/jobs" search={{ state: "failed" }}>
          {t("data.failed.all")}
        </Link>
      }
    >
      {retry.error && <Notice tone="bad">{retry.error.message}</Notice>}
      {list.error ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : (
        <Table label={t("data.failed.title")} columns={columns} rows={list.rows?.slice(0, 10)} keyOf={(a) => a.id} skeleton={1} empty={<State title={t("data.failed.none")} />} />
      )}
    </Section>
  );
}
