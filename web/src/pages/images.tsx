import { IconPackage } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago } from "@/components/ago";
import { AnalyseButton } from "@/components/analyse";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { SearchInput } from "@/components/filters";
import { ImageCounts } from "@/components/image-counts";
import { ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { latestIndexed } from "@/data/environments";
import { exportOf } from "@/data/export";
import { imagesQuery, type Image } from "@/data/images";
import { useRows } from "@/data/pages";
import { Used } from "@/components/used";
import { useFormat } from "@/i18n/format";

export function ImagesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { q, sort = "name" } = useSearch({ from: "/app/images" });
  const navigate = useNavigate({ from: "/images" });
  const filter = { environment, q, sort };
  const list = useRows(imagesQuery(filter));

  const setQ = (text: string) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true });
  const setSort = (by: "name" | "newest") => void navigate({ search: (s) => ({ ...s, sort: by === "name" ? undefined : by }), replace: true });

  const columns: Column<Image>[] = [
    {
      id: "name",
      header: t("image.name"),
      sort: { direction: "ascending", active: sort === "name", choose: () => { setSort("name"); } },
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
    ...(environment === undefined || environment === latestIndexed ? [] : [{ id: "use", header: t("use.inUse"), width: "6rem", end: true, priority: 2 as const, cell: (i: Image) => <Used loaded={i.inUse} all={i.summary} /> }]),
    { id: "packages", header: t("image.packages"), width: "5.5rem", end: true, priority: 2, cell: (i) => (i.state === "analysed" ? format.number(i.packages) : "—") },
    { id: "size", header: t("image.size"), width: "5.5rem", end: true, priority: 3, cell: (i) => format.bytes(i.size) },
    { id: "platform", header: t("image.platform"), width: "6.75rem", priority: 3, cell: (i) => <span className="muted">{i.platform}</span> },
    {
      id: "environments",
      header: t("image.runsIn"),
      width: environmentsWidth,
      priority: 2,
      cell: (i) => <EnvironmentNames names={i.environments} />,
    },
    {
      id: "recorded",
      header: t("image.recorded"),
      width: "8.5rem",
      priority: 2,
      sort: { direction: "descending", active: sort === "newest", choose: () => { setSort("newest"); } },
      cell: (i) => <Ago at={i.recorded} />,
    },
  ];

  return (
    <Page
      title={t("nav.images")}
      lead={environment === undefined ? t("images.lead") : environment === latestIndexed ? t("environment.latest.images") : t("images.leadIn", { environment })}
      actions={<AnalyseButton />}
    >
      <List
        label={t("nav.images")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(i) => i.digest + i.name}
        filters={<SearchInput label={t("images.filter")} value={q ?? ""} onChange={setQ} />}
        narrowed={q !== undefined}
        clear={() => {
          setQ("");
        }}
        exports={exportOf("/api/v1/export/images", { query: filter })}
        empty={
          <State
            icon={<IconPackage size={28} stroke={1.5} aria-hidden />}
            title={environment === undefined ? t("images.none.title") : t("images.noneIn.title", { environment })}
            actions={<AnalyseButton variant="filled" />}
          >
            {t(environment === undefined ? "images.none.text" : "images.noneIn.text")}
          </State>
        }
      />
    </Page>
  );
}
