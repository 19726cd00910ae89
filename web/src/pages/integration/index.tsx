import { Button, Skeleton } from "@mantine/core";
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Certificates } from "@/components/certificates";
import { Countdown, useSecondsUntil } from "@/components/countdown";
import { CoverageNumber } from "@/components/coverage";
import { StaleNotices } from "@/components/integrations";
import { Facts, Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { IntegrationState, Notice } from "@/components/status";
import { integrationQuery, usePause, useSync, type Integration } from "@/data/integrations";
import { useMay } from "@/data/session";
import { goDuration, useFormat } from "@/i18n/format";
import { DeleteDialog } from "./delete";
import { EditDialog } from "./edit";
import { HookSection } from "./hook";

export function IntegrationPage() {
  const { t } = useTranslation();
  const { name } = useParams({ from: "/app/integrations/$name" });
  const { data, error, refetch } = useQuery(integrationQuery(name));
  const may = useMay("connect");
  const sync = useSync();
  const pause = usePause(name);
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const close = () => {
    setDialog(undefined);
  };
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
  const paused = data?.state === "paused";
  const Pause = paused ? IconPlayerPlay : IconPlayerPause;
  const failed = sync.error ?? pause.error;
  return (
    <Page
      title={name}
      crumbs={crumbs}
      lead={data ? <IntegrationState state={data.state} /> : <Skeleton height={12} width={90} mt={6} mb={2} />}
      actions={
        may && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconRefresh size={14} aria-hidden />}
              loading={sync.isPending}
              disabled={!data || paused}
              onClick={() => {
                pause.reset();
                sync.mutate(name);
              }}
            >
              {t("integration.sync")}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<Pause size={14} aria-hidden />}
              loading={pause.isPending}
              disabled={!data}
              onClick={() => {
                sync.reset();
                pause.mutate(!paused);
              }}
            >
              {t(paused ? "integration.resume" : "integration.pause")}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPencil size={14} aria-hidden />}
              disabled={!data}
              onClick={() => {
                setDialog("edit");
              }}
            >
              {t("integration.edit.open")}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconTrash size={14} aria-hidden />}
              disabled={!data}
              onClick={() => {
                setDialog("delete");
              }}
            >
              {t("integration.delete.open")}
            </Button>
          </>
        )
      }
    >
      {failed && (
        <Notice tone="bad">
          <p>{t(sync.error ? "integration.syncFailed" : "integration.pauseFailed")}</p>
          <p>{failed.message}</p>
        </Notice>
      )}
      {sync.isSuccess && !paused && <Notice tone="info">{t("integration.syncAsked")}</Notice>}
      {data && !paused && <Limited integration={data} onOver={() => void refetch()} />}
      {data && <StaleNotices integrations={[data]} />}
      <Section title={t("integration.state.title")} padded>
        {data ? <Condition integration={data} /> : <Skeleton height={110} />}
      </Section>
      <Section title={t("coverage.title")} padded>
        {data ? <CoverageNumber coverage={data.coverage} /> : <Skeleton height={76} />}
      </Section>
      <Section title={t("integration.connection")} padded>
        {data ? <Connection integration={data} /> : <Skeleton height={180} />}
      </Section>
      {data && <HookSection integration={data} may={may} />}
      {data && dialog === "edit" && <EditDialog integration={data} onClose={close} />}
      {dialog === "delete" && <DeleteDialog name={name} onClose={close} />}
    </Page>
  );
}

/** That Sysdig limits the rate of requests, and until when. Nothing while it does not. */
function Limited({ integration: i, onOver }: { integration: Integration; onOver: () => void }) {
  const { t } = useTranslation();
  const until = i.waitsUntil === undefined ? 0 : new Date(i.waitsUntil).getTime();
  const waits = useSecondsUntil(until) > 0;
  const waited = useRef(false);
  useEffect(() => {
    if (waited.current && !waits) {
      onOver();
    }
    waited.current = waits;
  });
  if (!waits) {
    return null;
  }
  return (
    <Notice tone="warn">
      <p>{t("integration.limited.why")}</p>
      <p>
        <Countdown key={until} until={until} says={(time) => t("integration.limited.until", { time })} over={t("integration.limited.over")} />
      </p>
    </Notice>
  );
}

/** How it goes: since when, why, what to do, and what comes next. */
function Condition({ integration: i }: { integration: Integration }) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = (moment: string | undefined) => moment !== undefined && <Ago at={moment} />;
  return (
    <Facts
      facts={[
        [t("integration.state.title"), <IntegrationState key="state" state={i.state} />],
        [t("integration.since"), at(i.since) || ""],
        [t("integration.reason"), i.reason ?? i.hint],
        [t("integration.todo.title"), t(`integration.todo.${i.state}`)],
        [t("integration.lastComplete"), at(i.lastCompleteSweep) || t("environment.never")],
        [t("integration.lastAttempt"), at(i.lastAttempt) || t("environment.never")],
        [t("integration.next"), i.state === "paused" ? t("integration.notPlanned") : at(i.nextSweep)],
        [t("integration.requests"), format.number(i.requests)],
      ]}
    />
  );
}

function Connection({ integration: i }: { integration: Integration }) {
  const { t } = useTranslation();
  const format = useFormat();
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
        [t("connect.ca.label"), i.ca && <Certificates key="ca" list={i.ca} />],
        [t("connect.apiToken.label"), i.apiAccess ? t("connect.summary.given") : t("integration.notGiven")],
        [t("integration.interval"), format.duration(goDuration(i.interval))],
        [t("integration.analyse.label"), t(i.analyse ? "integration.analyse.on" : "integration.analyse.off")],
      ]}
    />
  );
}
