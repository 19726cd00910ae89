import { Button, Skeleton } from "@mantine/core";
import { IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago, useNow } from "@/components/ago";
import { Certificates } from "@/components/certificates";
import { Facts, Page, Section } from "@/components/page";
import { Failure } from "@/components/failure";
import { ErrorState, State } from "@/components/state";
import { IntegrationState, Notice, RepositoryState } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { useRows } from "@/data/pages";
import { registryQuery, repositoriesQuery, useDeleteRegistryHook, usePauseRegistry, type Registry, type Repository } from "@/data/push";
import { placeOf } from "@/data/repository";
import { useMay } from "@/data/session";
import { goDuration, useFormat } from "@/i18n/format";
import { CredentialsDialog, HookDialog } from "./dialogs";
import { DisconnectDialog } from "./disconnect";
import { EditDialog } from "./edit";
import classes from "@/components/form.module.css";

type Ask = "edit" | "credentials" | "disconnect";

/** A connected registry: how it goes with it, its repositories, and what can be done. */
export function RegistryPage() {
  const { t } = useTranslation();
  const { name } = useParams({ from: "/app/integrations/registries/$name" });
  const { data, error, refetch } = useQuery(registryQuery(name));
  const may = useMay("connect");
  const pause = usePauseRegistry(name);
  const [asks, setAsks] = useState<Ask>();
  const close = () => {
    setAsks(undefined);
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
  const button = (ask: Ask, label: string, Icon: typeof IconKey) => (
    <Button
      variant="default"
      size="xs"
      leftSection={<Icon size={14} aria-hidden />}
      disabled={!data}
      onClick={() => {
        setAsks(ask);
      }}
    >
      {label}
    </Button>
  );
  return (
    <Page
      title={name}
      crumbs={crumbs}
      lead={data ? <IntegrationState state={data.state === "failed" ? "failing" : data.state} /> : <Skeleton height={12} width={90} mt={6} mb={2} />}
      actions={
        may && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<Pause size={14} aria-hidden />}
              loading={pause.isPending}
              disabled={!data}
              onClick={() => {
                pause.mutate(!paused);
              }}
            >
              {t(paused ? "integration.resume" : "integration.pause")}
            </Button>
            {button("edit", t("integration.edit.open"), IconPencil)}
            {button("credentials", t("repositories.credentials.button"), IconKey)}
            {button("disconnect", t("repositories.disconnect.button"), IconPlugConnectedX)}
          </>
        )
      }
    >
      {pause.error && (
        <Notice tone="bad">
          <p>{t("registry.pauseFailed")}</p>
          <p>{pause.error.message}</p>
        </Notice>
      )}
      {data && <Health registry={data} />}
      <Section title={t("integration.state.title")} padded>
        {data ? <Condition registry={data} /> : <Skeleton height={170} />}
      </Section>
      <Repositories name={name} registry={data} />
      <Section title={t("integration.connection")} padded>
        {data ? <Connection registry={data} /> : <Skeleton height={150} />}
      </Section>
      {data && <HookSection registry={data} may={may} />}
      {data && asks === "edit" && <EditDialog registry={data} onClose={close} />}
      {data && asks === "credentials" && <CredentialsDialog registry={data} onClose={close} />}
      {asks === "disconnect" && <DisconnectDialog name={name} onClose={close} />}
    </Page>
  );
}

/** What keeps a registry from being looked at; nothing while it is. */
function Health({ registry: r }: { registry: Registry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (r.state === "paused") {
    return <Notice tone="info">{t("registry.pausedAbout")}</Notice>;
  }
  const waits = r.waitsUntil !== undefined && new Date(r.waitsUntil).getTime() > now;
  if (r.state !== "failed") {
    return null;
  }
  return (
    <Notice tone="bad">
      <p>{t("registry.failing", { name: r.name })}</p>
      {r.reason !== undefined && r.reason !== "" && <p>{r.reason}</p>}
      {waits && <p>{t("registry.waits", { moment: format.moment(new Date(r.waitsUntil ?? 0)) })}</p>}
    </Notice>
  );
}

/** Since when it is so, why, what to do, and what was and comes. */
function Condition({ registry: r }: { registry: Registry }) {
  const { t } = useTranslation();
  const at = (moment: string | undefined, missing: string) => (moment === undefined ? missing : <Ago at={moment} />);
  const planned = r.state === "paused" ? t("integration.notPlanned") : "";
  return (
    <Facts
      facts={[
        [t("integration.since"), at(r.since, "")],
        [t("integration.reason"), r.reason],
        [t("integration.todo.title"), t(`registry.todo.${r.state}`)],
        [t("registry.look"), at(r.lastLook, t("environment.never"))],
        [t("registry.nextLook"), at(r.nextLook, planned)],
        [t("registry.lastListing"), at(r.listed, t("environment.never"))],
        [t("registry.nextListing"), at(r.nextListing, planned)],
      ]}
    />
  );
}

function Repositories({ name, registry }: { name: string; registry: Registry | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useRows(repositoriesQuery({ registry: name }));
  const columns: Column<Repository>[] = [
    {
      id: "name",
      header: t("repositories.name"),
      wrap: true,
      cell: (r) => (
        <>
          <Link to="/repositories/$host/$" params={placeOf(r.reference)} data-row>
            {r.name}
          </Link>
          {r.reason !== undefined && r.reason !== "" && <p className="muted">{r.reason}</p>}
        </>
      ),
    },
    { id: "state", header: t("integration.state.title"), width: "7.5rem", cell: (r) => <RepositoryState state={r.state} /> },
    { id: "pushed", header: t("repositories.pushed"), width: "8.5rem", priority: 2, cell: (r) => (r.pushed ? <Ago at={r.pushed} /> : <span className="muted">{t("environment.never")}</span>) },
    { id: "tags", header: t("repositories.tags"), width: "5rem", end: true, priority: 3, cell: (r) => (r.state === "enabled" ? format.number(r.tags) : "") },
  ];
  return (
    <Section
      title={t("nav.repositories")}
      aside={
        <span>
          {registry && <span className="muted">{t("repositories.enabledOf", { enabled: format.number(registry.enabled), found: format.number(registry.found) })}</span>}{" "}
          <Link to="/repositories" search={{ registry: name }}>
            {t("registry.all")}
          </Link>
        </span>
      }
    >
      {list.error ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : (
        <Table
          label={t("nav.repositories")}
          columns={columns}
          rows={list.rows}
          keyOf={(r) => r.name}
          onEnd={list.hasMore ? list.loadMore : undefined}
          skeleton={3}
          empty={<State title={t("repositories.none.title")}>{t("repositories.none.text")}</State>}
        />
      )}
    </Section>
  );
}

function Connection({ registry: r }: { registry: Registry }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Facts
      facts={[
        [t("registry.kind"), r.kind],
        [t("repositories.address"), r.host],
        [t("connect.registry.namespace"), r.namespace],
        [t("connect.registry.api"), r.api],
        [t("connect.registry.username"), r.username],
        [t("registry.credentials"), t(r.identity ? "registry.own" : r.credentials ? "registry.given" : "integration.notGiven")],
        [t("connect.ca.label"), r.ca && <Certificates key="ca" list={r.ca} />],
        [t("connect.registry.enable"), format.list(r.enable)],
        [t("connect.registry.include"), format.list(r.include)],
        [t("connect.registry.exclude"), format.list(r.exclude)],
        [t("connect.registry.repositories"), format.list(r.repositories)],
        [t("integration.interval"), format.duration(goDuration(r.interval))],
        [t("registry.pulls.label"), r.pulls && t("registry.pulls.left", { left: r.pulls.left, limit: r.pulls.limit, window: format.duration(goDuration(r.pulls.window)), at: format.moment(new Date(r.pulls.asOf)) })],
      ]}
    />
  );
}

function HookSection({ registry: r, may }: { registry: Registry; may: boolean }) {
  const { t } = useTranslation();
  const [makes, setMakes] = useState(false);
  const remove = useDeleteRegistryHook(r.name);
  return (
    <Section title={t("integration.hook.title")} padded>
      <div className={classes.form}>
        <p className="muted">{t("repositories.hook.about")}</p>
        <p>{t(r.hook ? "registry.hook.on" : "registry.hook.off")}</p>
        <Failure error={remove.error} />
        {may && (
          <div className={classes.left}>
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                setMakes(true);
              }}
            >
              {t(r.hook ? "integration.hook.replace" : "integration.hook.create")}
            </Button>
            {r.hook && (
              <Button
                variant="default"
                size="xs"
                loading={remove.isPending}
                onClick={() => {
                  remove.mutate();
                }}
              >
                {t("integration.hook.remove")}
              </Button>
            )}
          </div>
        )}
      </div>
      {makes && (
        <HookDialog
          registry={r}
          onClose={() => {
            setMakes(false);
          }}
        />
      )}
    </Section>
  );
}
