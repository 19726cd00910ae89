import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { ImageName } from "@/components/image-name";
import { Section } from "@/components/page";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { ImageState } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { newestImagesQuery, type Image } from "@/data/images";
import { vulnerabilitiesQuery, type Vulnerability } from "@/data/vulnerabilities";
import { useFormat } from "@/i18n/format";
import { few } from "./few";

export function WorstVulnerabilities({ environment }: { environment: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useInfiniteQuery(vulnerabilitiesQuery({ environment }));
  const columns: Column<Vulnerability>[] = [
    { id: "severity", header: t("severity.title"), width: "7.5rem", cell: (v) => <SeverityBadge severity={v.severity} /> },
    {
      id: "id",
      header: t("vulnerability.id"),
      cell: (v) => (
        <Link to="/vulnerabilities/$id" params={{ id: v.id }} data-row title={v.summary}>
          <strong>{v.id}</strong>
        </Link>
      ),
    },
    { id: "score", header: t("vulnerability.score"), width: "4.5rem", end: true, cell: (v) => (v.score === 0 ? "—" : v.score.toFixed(1)) },
    { id: "images", header: t("nav.images"), width: "5.5rem", end: true, cell: (v) => format.number(v.images) },
  ];
  return (
    <Section title={t("overview.worst")} aside={<Link to="/vulnerabilities">{t("overview.all")}</Link>}>
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Table label={t("overview.worst")} columns={columns} rows={data?.pages[0]?.items.slice(0, few)} keyOf={(v) => v.id} skeleton={few} empty={<State title={t("vulnerabilities.none.title")} />} />
      )}
    </Section>
  );
}

export function NewestImages({ environment }: { environment: string | undefined }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(newestImagesQuery(environment, few));
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
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "15rem", cell: (i) => (i.state === "analysed" ? <SeverityCounts counts={i.summary} /> : <ImageState state={i.state} />) },
    { id: "recorded", header: t("image.recorded"), width: "7.5rem", priority: 3, cell: (i) => <Ago at={i.recorded} /> },
  ];
  return (
    <Section title={t("overview.newest")} aside={<Link to="/images" search={{ sort: "newest" }}>{t("overview.all")}</Link>}>
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Table label={t("overview.newest")} columns={columns} rows={data?.items} keyOf={(i) => i.digest + i.name} skeleton={few} empty={<State title={t("images.none.title")}>{t("images.none.text")}</State>} />
      )}
    </Section>
  );
}
