import { IconStack2 } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { AnalyseButton } from "@/components/analyse";
import { SearchInput } from "@/components/filters";
import { Digest, ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { Used } from "@/components/used";
import { baseImagesQuery, type BaseImage } from "@/data/base-images";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { useFormat } from "@/i18n/format";

/** What images are built on, and which are. */
export function BaseImagesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { q } = useSearch({ from: "/app/base-images" });
  const navigate = useNavigate({ from: "/base-images" });
  const filter = { environment, q };
  const list = useRows(baseImagesQuery(filter));
  const setQ = (text: string) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true });

  const columns: Column<BaseImage>[] = [
    {
      id: "name",
      header: t("base.name"),
      cell: (b) =>
        b.known === undefined ? (
          <ImageName name={b.name ?? ""} digest={b.digest ?? ""} />
        ) : (
          <Link to="/images/$digest" params={{ digest: b.known.digest ?? "" }} data-row>
            <ImageName name={b.name ?? b.known.name} digest={b.known.digest ?? ""} />
          </Link>
        ),
    },
    { id: "images", header: t("base.images"), width: "5.5rem", end: true, cell: (b) => format.number(b.images) },
    {
      id: "vulnerabilities",
      header: t("base.its"),
      width: "clamp(9.5rem, 36cqi, 16.5rem)",
      cell: (b) => (b.known === undefined ? <span className="muted">{t("base.unknown")}</span> : <SeverityCounts counts={b.summary} />),
    },
    { id: "use", header: t("use.inUse"), width: "6rem", end: true, priority: 2, cell: (b) => (b.known === undefined ? null : <Used loaded={b.inUse} all={b.summary} />) },
    { id: "distribution", header: t("base.distribution"), width: "13rem", priority: 3, cell: (b) => <span title={b.distribution}>{b.distribution === "" ? "—" : b.distribution}</span> },
    { id: "by", header: t("base.knownBy"), width: "8rem", priority: 2, cell: (b) => t(`base.by.${b.by}`) },
    { id: "digest", header: t("base.digest"), width: "9.5rem", priority: 3, cell: (b) => (b.digest === undefined || b.digest === "" ? "—" : <Digest value={b.digest} />) },
  ];

  return (
    <Page title={t("nav.bases")} lead={environment === undefined ? t("base.lead") : t("base.leadIn", { environment })}>
      <List
        label={t("nav.bases")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(b) => `${b.name ?? ""} ${b.digest ?? ""}`}
        detail={(b) => <Built base={b} />}
        filters={<SearchInput label={t("base.filter")} value={q ?? ""} onChange={setQ} />}
        narrowed={q !== undefined}
        clear={() => {
          setQ("");
        }}
        exports={exportOf("/api/v1/export/base-images", { query: filter })}
        empty={
          <State icon={<IconStack2 size={28} stroke={1.5} aria-hidden />} title={t("base.none.title")} actions={<AnalyseButton variant="filled" />}>
            {t("base.none.text")}
          </State>
        }
      />
    </Page>
  );
}

/** Which images are built on one. */
function Built({ base }: { base: BaseImage }) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = base.images - base.built.length;
  return (
    <details>
      <summary>{t("base.built", { count: base.images, n: format.number(base.images) })}</summary>
      <ul>
        {base.built.map((i) => (
          <li key={i.digest}>
            <Link to="/images/$digest" params={{ digest: i.digest ?? "" }}>
              <ImageName name={i.name} digest={i.digest ?? ""} />
            </Link>
          </li>
        ))}
        {more > 0 && <li className="muted">{t("base.more", { count: more, n: format.number(more) })}</li>}
      </ul>
    </details>
  );
}
