import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { IntegrationsTable, StaleNotices } from "@/components/integrations";
import { ExportMenu } from "@/components/export-menu";
import { FilterBar } from "@/components/filters";
import { Page, Section } from "@/components/page";
import { ConnectButton } from "@/components/connect-button";
import { ErrorState } from "@/components/state";
import { exportOf } from "@/data/export";
import { integrationsQuery } from "@/data/integrations";
import { ConnectedRegistries } from "@/components/connected-registries";

export function IntegrationsPage() {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const { data, error, refetch } = useQuery(integrationsQuery);
  const shown = environment === undefined ? data : data?.filter((i) => i.environment === environment);
  return (
    <Page
      title={t("nav.integrations")}
      actions={<ConnectButton />}
      lead={environment === undefined ? t("integrations.lead") : t("integrations.leadIn", { environment })}>
      <StaleNotices integrations={shown} />
      <FilterBar end={<ExportMenu address={exportOf("/api/v1/export/integrations", { query: { environment } })} />}>{null}</FilterBar>
      <Section>{error && !data ? <ErrorState error={error} retry={refetch} /> : <IntegrationsTable integrations={shown} environment={environment} />}</Section>
      {environment === undefined && <ConnectedRegistries />}
    </Page>
  );
}
