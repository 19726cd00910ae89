import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ImageName } from "@/components/image-name";
import { severityWidth } from "@/components/narrow";
import { Section } from "@/components/page";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import { InUseMark } from "@/components/status";
import { Table, type Column } from "@/components/table";
import type { TopImage, TopVulnerability } from "@/data/overview";
import { useFormat } from "@/i18n/format";

/** Rows of a list while it loads; the server answers with ten at most. */
const few = 6;

interface ListProps<T> {
  rows: T[] | undefined;
  /** Whether something can run there, so that it may be in use. */
  runs: boolean;
}

function withoutUse<T>(columns: Column<T>[], runs: boolean): Column<T>[] {
  return runs ? columns : columns.filter((c) => c.id !== "use");
}

export function WorstVulnerabilities({ rows, runs }: ListProps<TopVulnerability>) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<TopVulnerability>[] = [
    { id: "severity", header: t("severity.title"), headless: "narrow", width: severityWidth, cell: (v) => <SeverityBadge severity={v.severity} /> },
    {
      id: "id",
      header: t("vulnerability.id"),
      cell: (v) => (
        <Link to="/vulnerabilities/$id" params={{ id: v.id }} data-row title={v.summary}>
          <strong>{v.id}</strong>
        </Link>
      ),
    },
    { id: "use", header: t("inUse.in-use"), width: "4.25rem", cell: (v) => v.inUse && <InUseMark /> },
    {
      id: "fix",
      header: t("vulnerability.fix"),
      width: "3.25rem",
      cell: (v) => (v.fixable ? <IconCheck size={15} role="img" aria-label={t("vulnerability.fixable")} /> : <span className="muted">—</span>),
    },
    { id: "score", header: t("vulnerability.score"), width: "3.75rem", end: true, priority: 2, cell: (v) => (v.score === 0 ? <span className="muted">—</span> : v.score.toFixed(1)) },
    { id: "images", header: t("nav.images"), width: "4.5rem", end: true, priority: 2, cell: (v) => format.number(v.images) },
  ];
  return (
    <Section title={t("overview.worst")} aside={<Link to="/vulnerabilities">{t("overview.all")}</Link>}>
      <Table label={t("overview.worst")} columns={withoutUse(columns, runs)} rows={rows} keyOf={(v) => v.id} skeleton={few} empty={<State title={t("vulnerabilities.none.title")}>{t("vulnerabilities.none.text")}</State>} />
    </Section>
  );
}

export function WorstImages({ rows, runs }: ListProps<TopImage>) {
  const { t } = useTranslation();
  const columns: Column<TopImage>[] = [
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
      id: "use",
      header: t("overview.urgentInUse"),
      width: "7.5rem",
      cell: (i) => <SeverityCounts counts={i.inUse} only={["critical", "high"]} />,
    },
    { id: "all", header: t("overview.urgentAll"), width: "7.5rem", priority: 2, cell: (i) => <SeverityCounts counts={i.summary} only={["critical", "high"]} /> },
  ];
  return (
    <Section title={t("overview.worstImages")} aside={<Link to="/images">{t("overview.all")}</Link>}>
      <Table label={t("overview.worstImages")} columns={withoutUse(columns, runs)} rows={rows} keyOf={(i) => i.digest + i.name} skeleton={few} empty={<State title={t("vulnerabilities.none.title")}>{t("vulnerabilities.none.text")}</State>} />
    </Section>
  );
}
