import { Button, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CoverageNumber } from "@/components/coverage";
import { StaleNotices } from "@/components/integrations";
import { Facts, Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { IntegrationState, Notice } from "@/components/status";
import { integrationQuery, useSync, type Integration } from "@/data/integrations";
import { goDuration, useFormat } from "@/i18n/format";

export function IntegrationPage() {
  const { t } = useTranslation();
  const { name } = useParams({ from: "/app/integrations/$name" });
  const { data, error, refetch } = useQuery(integrationQuery(name));
  const sync = useSync(name);
  const crumbs = [<Link key="integrations" to="/integrations">{t("nav.integrations")}</Link>];
  if (error && !data) {
    return (
      <Page title={name} crumbs={crumbs}>
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      </Page>
    );
  }
  return (
    <Page
      title={name}
      crumbs={crumbs}
      lead={data ? <IntegrationState state={data.state} /> : <Skeleton height={12} width={90} mt={6} mb={2} />}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={sync.isPending}
          disabled={!data}
          onClick={() => {
            sync.mutate();
          }}
        >
          {t("integration.sync")}
        </Button>
      }
    >
      {sync.error && (
        <Notice tone="bad">
          <p>{t("integration.syncFailed")}</p>
          <p>{sync.error.message}</p>
        </Notice>
      )}
      {sync.isSuccess && <Notice tone="info">{t("integration.syncAsked")}</Notice>}
      {data && <StaleNotices integrations={[data]} />}
      <Section title={t("coverage.title")} padded>
        {data ? <CoverageNumber coverage={data.coverage} /> : <Skeleton height={76} />}
      </Section>
      <Section title={t("integration.sweeps")} padded>
        {data ? <Sweeps integration={data} /> : <Skeleton height={260} />}
      </Section>
    </Page>
  );
}

function Sweeps({ integration: i }: { integration: Integration }) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = (moment: string | undefined) => moment !== undefined && <Ago at={moment} />;
  return (
    <Facts
      facts={[
        [t("integration.kind"), i.kind],
        [t("integration.region"), i.region],
        [t("integration.url"), i.url],
        [t("workload.cluster"), i.cluster],
        [
          t("environment.one"),
          <Link key="environment" to="/environments/$name" params={{ name: i.environment }}>
            {i.environment}
          </Link>,
        ],
        [t("workload.containers"), format.number(i.occurrences)],
        [t("integration.interval"), format.duration(goDuration(i.interval))],
        [t("integration.lastComplete"), at(i.lastCompleteSweep) || t("environment.never")],
        [t("integration.lastAttempt"), at(i.lastAttempt) || t("environment.never")],
        [t("integration.failingSince"), at(i.failingSince) || ""],
        [t("integration.reason"), i.reason],
        [t("integration.next"), at(i.nextSweep)],
        [t("integration.requests"), format.number(i.requests)],
      ]}
    />
  );
}
