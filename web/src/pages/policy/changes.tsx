import { IconArrowRight, IconHistory } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago, useNow } from "@/components/ago";
import { ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { MomentField } from "@/components/moment-field";
import { State } from "@/components/state";
import { PolicyStatus } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { moment, written } from "@/data/moment";
import { useRows } from "@/data/pages";
import { policyChangesQuery, type PolicyChanged, type PolicyOutcome } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import classes from "./policy.module.css";

/** What a policy came to say otherwise, the newest first, each with whether the image made it so or something outside of it. */
export function PolicyChanges({ name }: { name: string }) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const { since } = useSearch({ from: "/app/policies/$name" });
  const navigate = useNavigate({ from: "/policies/$name" });
  const now = useNow();
  const list = useRows(policyChangesQuery(name, environment, since));
  const set = (at: string | undefined) => void navigate({ search: (s) => ({ ...s, since: at }), replace: true });
  const columns: Column<PolicyChanged>[] = [
    { id: "at", header: t("policy.changes.when"), width: "clamp(6.5rem, 14cqi, 8.5rem)", cell: (c) => <Ago at={c.at} /> },
    {
      id: "image",
      header: t("policy.image"),
      cell: (c) => (
        <Link to="/images/$digest" params={{ digest: c.digest }} search={{ tab: "policies", environment: c.environment ?? environment }} data-row>
          <ImageName name={c.image} digest={c.digest} />
        </Link>
      ),
    },
    { id: "environment", header: t("environment.one"), width: "9rem", priority: 3, cell: (c) => c.environment ?? <span className="muted">—</span> },
    {
      id: "what",
      header: t("policy.changes.what"),
      width: "clamp(12rem, 38cqi, 38rem)",
      priority: 2,
      wrap: true,
      cell: (c) => (
        <span className={classes.change}>
          {c.before ? <Outcome of={c.before} /> : <span className="muted">{t("policy.changes.first")}</span>}
          <IconArrowRight size={14} aria-hidden />
          <Outcome of={c.after} />
        </span>
      ),
    },
    { id: "cause", header: t("policy.cause.title"), width: "8.5rem", priority: 2, cell: (c) => <span title={t(`policy.causeAbout.${c.cause}`)}>{t(`policy.cause.${c.cause}`)}</span> },
  ];
  return (
    <List
      label={t("policy.tab.changes")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(c) => `${c.at} ${c.digest} ${c.environment ?? ""}`}
      filters={
        <MomentField
          label={t("policy.changes.since")}
          value={since === undefined ? undefined : moment(since)}
          latest={new Date(now)}
          onChange={(at) => {
            set(written(at));
          }}
          onClear={() => {
            set(undefined);
          }}
        />
      }
      narrowed={since !== undefined}
      clear={() => {
        set(undefined);
      }}
      exports={exportOf("/api/v1/export/policy-changes", { query: { policy: name, environment, since } })}
      empty={
        <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("policy.changes.none.title")}>
          {t("policy.changes.none.text")}
        </State>
      }
    />
  );
}

function Outcome({ of: o }: { of: PolicyOutcome }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={classes.outcome}>
      <PolicyStatus status={o.status} />
      {o.violationCount > 0 && <span className="muted">{t("policy.violationCount", { count: o.violationCount, n: format.number(o.violationCount) })}</span>}
    </span>
  );
}
