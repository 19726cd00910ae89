import { IconHistory } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { DayInput, SearchInput } from "@/components/filters";
import { List } from "@/components/list";
import { OwnersOnly } from "@/components/no-permission";
import { Page } from "@/components/page";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { auditParameters, auditQuery, type AuditEntry } from "@/data/audit";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { useMay } from "@/data/session";

/** Who did what, for those who may know. */
export function AuditPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("nav.audit")} lead={t("audit.lead")}>
      {useMay("read-audit") ? <Audit /> : <OwnersOnly />}
    </Page>
  );
}

function Audit() {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/app/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const { actor, action, from, to } = filter;
  const list = useRows(auditQuery(filter));
  const columns: Column<AuditEntry>[] = [
    { id: "time", header: t("audit.time"), width: "8.5rem", cell: (e) => <Ago at={e.time} /> },
    {
      id: "actor",
      header: t("audit.actor"),
      width: "clamp(8rem, 24cqi, 24rem)",
      priority: 2,
      cell: (e) => (
        <>
          <strong>{e.actor.name}</strong> <span className="muted">{t(`audit.kind.${e.actor.kind}`)}</span>
        </>
      ),
    },
    { id: "action", header: t("audit.action"), width: "clamp(11rem, 14cqi, 13rem)", cell: (e) => <code>{e.action}</code> },
    {
      id: "subject",
      header: t("audit.subject"),
      wrap: true,
      priority: 2,
      cell: (e) => {
        const detail = Object.entries(e.detail).map(([k, v]) => `${k}: ${v}`).join(", ");
        return (
          <span title={detail}>
            {e.subject} <span className="muted">{detail}</span>
          </span>
        );
      },
    },
    { id: "address", header: t("audit.address"), width: "9rem", priority: 3, cell: (e) => e.actor.address ?? <span className="muted">—</span> },
  ];
  return (
    <List
      label={t("nav.audit")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(e) => e.id}
      filters={
        <>
          <SearchInput
            label={t("audit.byActor")}
            value={actor ?? ""}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, actor: text === "" ? undefined : text }), replace: true })}
          />
          <SearchInput
            label={t("audit.byAction")}
            value={action ?? ""}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, action: text === "" ? undefined : text }), replace: true })}
          />
          <DayInput label={t("audit.from")} value={from} onChange={(day) => void navigate({ search: (s) => ({ ...s, from: day }), replace: true })} />
          <DayInput label={t("audit.to")} value={to} onChange={(day) => void navigate({ search: (s) => ({ ...s, to: day }), replace: true })} />
        </>
      }
      narrowed={[actor, action, from, to].some((f) => f !== undefined)}
      clear={() => void navigate({ search: (s) => ({ ...s, actor: undefined, action: undefined, from: undefined, to: undefined }), replace: true })}
      exports={exportOf("/api/v1/audit/export", { query: auditParameters(filter) })}
      empty={<State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("audit.none")} />}
    />
  );
}
