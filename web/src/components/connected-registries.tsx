import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { exportOf } from "@/data/export";
import { connectedRegistriesQuery, type Registry } from "@/data/push";
import { useFormat } from "@/i18n/format";
import { Ago } from "./ago";
import { ExportMenu } from "./export-menu";
import { Section } from "./page";
import { IntegrationState } from "./status";
import { Table, type Column } from "./table";

/** The connected registries, if there are any; their repositories are a page of their own. */
export function ConnectedRegistries() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(connectedRegistriesQuery);
  if (data === undefined || data.length === 0) {
    return null;
  }
  const columns: Column<Registry>[] = [
    {
      id: "name",
      header: t("integration.name"),
      cell: (r) => (
        <Link to="/integrations/registries/$name" params={{ name: r.name }} data-row>
          <strong>{r.name}</strong> <span className="muted">{r.kind}</span>
        </Link>
      ),
    },
    { id: "state", header: t("integration.state.title"), width: "8.5rem", cell: (r) => <IntegrationState state={r.state === "failed" ? "failing" : r.state} /> },
    { id: "host", header: t("repositories.address"), width: "clamp(8rem, 24cqi, 24rem)", priority: 2, cell: (r) => r.host },
    { id: "enabled", header: t("repositories.enabledHead"), width: "7rem", end: true, cell: (r) => format.number(r.enabled) },
    { id: "next", header: t("registry.nextLook"), width: "8.5rem", priority: 3, cell: (r) => r.nextLook && <Ago at={r.nextLook} /> },
    { id: "listed", header: t("repositories.listedHead"), width: "9rem", priority: 2, cell: (r) => (r.listed ? <Ago at={r.listed} /> : <span className="muted">{t("environment.never")}</span>) },
  ];
  return (
    <Section title={t("repositories.registries")} aside={<ExportMenu address={exportOf("/api/v1/export/registries")} />}>
      <Table label={t("repositories.registries")} columns={columns} rows={data} keyOf={(r) => r.name} empty={null} />
    </Section>
  );
}
