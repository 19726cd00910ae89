import { IconPlugConnected } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Integration } from "@/data/integrations";
import { needsCare } from "@/data/staleness";
import { useFormat } from "@/i18n/format";
import { Ago, useNow } from "./ago";
import { ConnectButton } from "./connect-button";
import { State } from "./state";
import { IntegrationState, Notice } from "./status";
import { Table, type Column } from "./table";

interface IntegrationsTableProps {
  integrations: Integration[] | undefined;
  /** The environment that they are narrowed to; of others there may be some. */
  environment?: string | undefined;
}

export function IntegrationsTable({ integrations, environment }: IntegrationsTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<Integration>[] = [
    {
      id: "name",
      header: t("integration.name"),
      cell: (i) => (
        <Link to="/integrations/$name" params={{ name: i.name }} data-row>
          <strong>{i.name}</strong> <span className="muted">{i.kind}</span>
        </Link>
      ),
    },
    { id: "state", header: t("integration.state.title"), width: "clamp(7.5rem, 14cqi, 8.5rem)", cell: (i) => <IntegrationState state={i.state} /> },
    {
      id: "scope",
      header: t("integration.feeds"),
      width: "clamp(7rem, 24cqi, 20rem)",
      cell: (i) => (
        <>
          {i.cluster} → {i.environment}
        </>
      ),
    },
    { id: "containers", header: t("workload.containers"), width: "6.5rem", end: true, priority: 2, cell: (i) => format.number(i.occurrences) },
    {
      id: "complete",
      header: t("integration.lastComplete"),
      width: "10rem",
      priority: 2,
      cell: (i) => (i.lastCompleteSweep ? <Ago at={i.lastCompleteSweep} /> : <span className="muted">{t("environment.never")}</span>),
    },
    { id: "next", header: t("integration.next"), width: "8.5rem", priority: 3, cell: (i) => <Ago at={i.nextSweep} /> },
  ];
  return (
    <Table
      label={t("nav.integrations")}
      columns={columns}
      rows={integrations}
      keyOf={(i) => i.name}
      skeleton={3}
      empty={
        <State icon={<IconPlugConnected size={28} stroke={1.5} aria-hidden />} title={environment === undefined ? t("integrations.none.title") : t("integrations.none.titleIn", { environment })} actions={<ConnectButton />}>
          {t("integrations.none.text")}
        </State>
      }
    />
  );
}

/** Says which integrations do not tell how it is now, and since when. */
export function StaleNotices({ integrations }: { integrations: Integration[] | undefined }) {
  const now = useNow();
  return integrations?.filter((i) => needsCare(i, now)).map((i) => <StaleNotice key={i.name} integration={i} />);
}

function StaleNotice({ integration: i }: { integration: Integration }) {
  const { t } = useTranslation();
  const kind = i.state === "failing" || i.state === "degraded" ? i.state : "stale";
  return (
    <Notice
      tone={kind === "failing" ? "bad" : "warn"}
      action={
        <Link to="/integrations/$name" params={{ name: i.name }}>
          {t("integration.look")}
        </Link>
      }
    >
      <p>
        {t(`integration.notice.${kind}`, { name: i.name })}
        {i.lastCompleteSweep && (
          <>
            {" "}
            {t("integration.shownIs")} <Ago at={i.lastCompleteSweep} />
          </>
        )}
      </p>
      {i.reason !== undefined && i.reason !== "" && <p>{i.reason}</p>}
    </Notice>
  );
}
