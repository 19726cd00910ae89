import { Button } from "@mantine/core";
import { IconChecklist, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { SearchInput } from "@/components/filters";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { PolicyMeter, PolicyMove } from "@/components/policy";
import { State } from "@/components/state";
import { DisabledSign, Notice } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { whole } from "@/data/pages";
import { hasPast, isJudged, policiesQuery, type Compliance, type PolicyRow } from "@/data/policies";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { SpanFilter } from "@/pages/environment/exposure/span-filter";
import { usePolicyTexts } from "@/pages/policy/texts";
import classes from "./policies.module.css";

export function PoliciesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = usePolicyTexts();
  const words = usePolicyWords();
  const environment = useEnvironment();
  const { days = 30, q = "" } = useSearch({ from: "/app/policies" });
  const navigate = useNavigate({ from: "/policies" });
  const mayWrite = useMay("write");
  const answer = useQuery(policiesQuery(environment, days));
  const all = answer.data?.items;
  const due = answer.data?.due ?? 0;
  const rows = all?.filter((p) => `${p.name} ${words.name(p.name)} ${texts.type(p.type)}`.toLowerCase().includes(q.toLowerCase()));
  const create = mayWrite && (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} renderRoot={(props) => <Link to="/new-policy" {...props} />}>
      {t("policies.new")}
    </Button>
  );

  const columns: Column<PolicyRow>[] = [
    {
      id: "name",
      header: t("policy.name"),
      cell: (p) => (
        <Link to="/policies/$name" params={{ name: p.name }} data-row title={words.description(p.description)}>
          <strong>{words.name(p.name)}</strong>
        </Link>
      ),
    },
    {
      id: "rate",
      header: t("policy.rate"),
      width: "clamp(7.5rem, 22cqi, 14rem)",
      cell: (p) => (p.enabled ? <Rate of={p} /> : <DisabledSign />),
    },
    ...(hasPast(environment) ? [{ id: "trend", header: t("policy.trend"), width: "9.5rem", priority: 2, cell: (p: PolicyRow) => p.enabled && <PolicyMove row={p} /> } as const] : []),
    { id: "non-compliant", header: t("policy.status.non-compliant"), width: "7.5rem", end: true, priority: 2, cell: (p) => <Count of={p} status="non-compliant" n={p.count.nonCompliant} /> },
    { id: "no-data", header: t("policy.status.no-data"), width: "5.5rem", end: true, priority: 2, cell: (p) => <Count of={p} status="no-data" n={p.count.noData} /> },
    { id: "violations", header: t("policy.violations"), width: "6rem", end: true, priority: 3, cell: (p) => p.enabled && format.number(p.count.violations) },
    { id: "weight", header: t("policy.weight"), width: "5rem", end: true, priority: 3, cell: (p) => (p.weight === 0 ? <span className="muted" title={t("policy.weightNone")}>0</span> : format.number(p.weight)) },
  ];

  return (
    <Page title={t("nav.policies")} lead={environment === undefined ? t("policies.lead") : t("policies.leadIn", { environment })} actions={create}>
      {due > 0 && <Notice tone="info">{t("policies.due", { count: due, n: format.number(due) })}</Notice>}
      <List
        label={t("nav.policies")}
        columns={columns}
        list={whole(answer, all)}
        rows={rows}
        keyOf={(p) => p.name}
        skeleton={9}
        filters={
          <>
            <SearchInput label={t("policies.filter")} value={q} onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })} />
            {hasPast(environment) && <SpanFilter value={days} label={t("policies.since")} onChange={(span) => void navigate({ search: (s) => ({ ...s, days: span === 30 ? undefined : span }), replace: true })} />}
          </>
        }
        clear={() => void navigate({ search: (s) => ({ ...s, q: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/policies", { query: { environment } })}
        empty={
          <State icon={<IconChecklist size={28} stroke={1.5} aria-hidden />} title={t("policies.none.title")} actions={create}>
            {t("policies.none.text")}
          </State>
        }
      />
      {!mayWrite && <p className="muted">{t("policy.members")}</p>}
    </Page>
  );
}

/** How many images meet a policy: the share, a bar, and the numbers. */
function Rate({ of: { count } }: { of: PolicyRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (count.images === 0) {
    return (
      <span className="muted" title={t("policy.ofNoneAbout")}>
        {t("policy.ofNone")}
      </span>
    );
  }
  return (
    <span className={classes.rate}>
      <span className={classes.share}>
        <strong>{isJudged(count) ? format.percent(count.compliant, count.images) : t("policy.status.no-data")}</strong>
        <span className="muted">{t("policy.ofImages", { count: count.images, n: format.number(count.images), met: format.number(count.compliant) })}</span>
      </span>
      <PolicyMeter count={count} small />
    </span>
  );
}

/** A number that leads to the images it counts. */
function Count({ of: policy, status, n }: { of: PolicyRow; status: Compliance; n: number }) {
  const format = useFormat();
  if (!policy.enabled || n === 0) {
    return <span className="muted">{policy.enabled ? format.number(0) : ""}</span>;
  }
  return (
    <Link to="/policies/$name" params={{ name: policy.name }} search={{ status: [status] }}>
      {format.number(n)}
    </Link>
  );
}
