import { Button, Skeleton } from "@mantine/core";
import { IconPackage, IconTag } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { repositoryTabs } from "@/app/routes/sources";
import { Ago } from "@/components/ago";
import { AnalyseButton } from "@/components/analyse";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { TabBar, tabClass, TabCount, Toggle } from "@/components/filters";
import { ImageCounts } from "@/components/image-counts";
import { Digest, ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { Facts, Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { ImageState, Notice, RepositoryState } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { imagesQuery, type Image } from "@/data/images";
import { useRows } from "@/data/pages";
import { useEnable, type Repository } from "@/data/push";
import { useRemember } from "@/data/recents";
import { nameOf, repositoryQuery, tagsQuery, type KnownRepository, type TagInterval } from "@/data/repository";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { BackfillDialog } from "../repositories/backfill";

/** One repository: its images, what its tags name and named, and who watches it. */
export function RepositoryPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const name = nameOf(useParams({ from: "/app/repositories/$host/$" }));
  const { tab = "images" } = useSearch({ from: "/app/repositories/$host/$" });
  const environment = useEnvironment();
  const { data, error, refetch } = useQuery(repositoryQuery(name));
  useRemember(data && { kind: "repository", name });
  const crumbs = [<Link key="images" to="/images">{t("nav.images")}</Link>];
  if (error && !data) {
    return (
      <Page title={name} crumbs={crumbs}>
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      </Page>
    );
  }
  const counts = { images: data?.images, tags: data?.tags };
  return (
    <Page
      title={name}
      crumbs={crumbs}
      heading={<ImageName name={name} digest="" />}
      lead={data ? t("repository.lead", { count: data.running, running: format.number(data.running), images: format.number(data.images) }) : <Skeleton height={12} width={140} mt={6} mb={2} />}
      actions={<Actions known={data} name={name} />}
    >
      <Section title={t("repository.watching")} padded>
        {data ? <Watching watched={data.watched} /> : <Skeleton height={88} />}
      </Section>
      <TabBar label={t("repository.parts")}>
        {repositoryTabs.map((part) => (
          <Link key={part} to="." search={{ environment, ...(part === "images" ? {} : { tab: part }) }} className={tabClass} aria-current={part === tab ? "page" : undefined} activeOptions={{ exact: true }}>
            {t(`repository.tab.${part}`)}
            <TabCount n={counts[part]} />
          </Link>
        ))}
      </TabBar>
      {tab === "images" ? <Images name={name} /> : <Tags name={name} />}
    </Page>
  );
}

function Actions({ known, name }: { known: KnownRepository | undefined; name: string }) {
  const { t } = useTranslation();
  const editor = useMay("write");
  const enable = useEnable();
  const [fills, setFills] = useState(false);
  const watched = known?.watched;
  const on = watched?.state === "enabled";
  return (
    <>
      {enable.error && (
        <div role="alert">
          <Notice tone="bad">{enable.error.message}</Notice>
        </div>
      )}
      {editor && watched && on && (
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            setFills(true);
          }}
        >
          {t("repositories.backfill.button")}
        </Button>
      )}
      {editor && watched && (
        <Button
          variant="default"
          size="xs"
          loading={enable.isPending}
          onClick={() => {
            enable.mutate({ registry: watched.registry, names: [watched.name], enable: !on });
          }}
        >
          {t(on ? "repository.disable" : "repository.enable")}
        </Button>
      )}
      {known && <AnalyseButton reference={`${name}:`} />}
      {fills && watched && (
        <BackfillDialog
          scope={{ registry: watched.registry, names: [watched.name] }}
          onClose={() => {
            setFills(false);
          }}
        />
      )}
    </>
  );
}

/** Whether pushes are looked at, how that goes, and what would make them be. */
function Watching({ watched: w }: { watched: Repository | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const owner = useMay("connect");
  if (!w) {
    return (
      <p>
        {t("repository.unwatched")} {owner && <Link to="/connect/registry">{t("repositories.connect")}</Link>}
      </p>
    );
  }
  const at = (moment: string | undefined) => (moment === undefined ? t("environment.never") : <Ago at={moment} />);
  return (
    <Facts
      facts={[
        [t("integration.state.title"), <RepositoryState key="state" state={w.state} />],
        [t("integration.reason"), w.reason],
        [
          t("repositories.registry"),
          <Link key="registry" to="/integrations/registries/$name" params={{ name: w.registry }}>
            {w.registry}
          </Link>,
        ],
        [t("repositories.pushed"), at(w.pushed)],
        [t("repository.read"), w.state === "enabled" && at(w.read)],
        [t("repositories.filling"), w.filling > 0 && format.number(w.filling)],
        [t("repository.gone"), w.gone !== undefined && <Ago key="gone" at={w.gone} />],
      ]}
    />
  );
}

function Images({ name }: { name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const filter = { repository: name, environment, sort: "newest" as const };
  const list = useRows(imagesQuery(filter));
  const columns: Column<Image>[] = [
    {
      id: "name",
      header: t("image.name"),
      cell: (i) => (
        <Link to="/images/$digest" params={{ digest: i.digest }} data-row>
          <ImageName name={i.name} digest={i.digest} />
        </Link>
      ),
    },
    {
      id: "vulnerabilities",
      header: t("nav.vulnerabilities"),
      width: "clamp(9.5rem, 36cqi, 16.5rem)",
      cell: (i) => <ImageCounts image={i} />,
    },
    { id: "packages", header: t("image.packages"), width: "5.5rem", end: true, priority: 3, cell: (i) => (i.state === "analysed" ? format.number(i.packages) : "—") },
    {
      id: "environments",
      header: t("image.runsIn"),
      width: environmentsWidth,
      priority: 2,
      cell: (i) => <EnvironmentNames names={i.environments} />,
    },
    { id: "recorded", header: t("image.recorded"), width: "8.5rem", priority: 2, cell: (i) => <Ago at={i.recorded} /> },
  ];
  return (
    <List
      label={t("nav.images")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(i) => i.digest}
      exports={exportOf("/api/v1/export/images", { query: filter })}
      empty={
        <State icon={<IconPackage size={28} stroke={1.5} aria-hidden />} title={environment === undefined ? t("repository.noImages.title") : t("images.noneIn.title", { environment })}>
          {t(environment === undefined ? "repository.noImages.text" : "images.noneIn.text")}
        </State>
      }
    />
  );
}

function Tags({ name }: { name: string }) {
  const { t } = useTranslation();
  const { past } = useSearch({ from: "/app/repositories/$host/$" });
  const navigate = useNavigate({ from: "/repositories/$host/$" });
  const list = useRows(tagsQuery(name, past));
  const columns: Column<TagInterval>[] = [
    { id: "tag", header: t("repository.tag"), width: "clamp(4.5rem, 24cqi, 24rem)", wrap: true, cell: (i) => <strong>{i.tag}</strong> },
    {
      id: "names",
      header: t("repository.names"),
      cell: (i) =>
        i.image ? (
          <Link to="/images/$digest" params={{ digest: i.image }} data-row className="mono">
            {i.target.slice(0, 19)}
          </Link>
        ) : (
          <Digest value={i.target} />
        ),
    },
    {
      id: "state",
      header: t("integration.state.title"),
      width: "9.5rem",
      priority: 2,
      cell: (i) => (i.state ? <ImageState state={i.state} /> : <AnalyseButton size="compact-xs" reference={i.until ? `${name}@${i.target}` : `${name}:${i.tag}`} label={t("analyse.button")} />),
    },
    { id: "since", header: t("integration.since"), width: "8.5rem", priority: 2, cell: (i) => <Ago at={i.since} /> },
    ...(past ? [{ id: "until", header: t("repository.until"), width: "8.5rem", priority: 2 as const, cell: (i: TagInterval) => (i.until ? <Ago at={i.until} /> : t("repository.now")) }] : []),
  ];
  return (
    <List
      label={t("repository.tab.tags")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(i) => `${i.tag} ${i.since}`}
      filters={
        <Toggle
          pressed={past ?? false}
          onChange={(pressed) => {
            void navigate({ search: (s) => ({ ...s, past: pressed ? (true as const) : undefined }), replace: true });
          }}
        >
          {t("repository.past")}
        </Toggle>
      }
      exports={exportOf("/api/v1/export/repository/tags", { query: { name, past } })}
      empty={
        <State icon={<IconTag size={28} stroke={1.5} aria-hidden />} title={t("repository.noTags.title")}>
          {t("repository.noTags.text")}
        </State>
      }
    />
  );
}
