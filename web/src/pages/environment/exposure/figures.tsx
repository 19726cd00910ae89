import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { severityWidth } from "@/components/narrow";
import { Section } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { Table, type Column } from "@/components/table";
import type { ExposureFigures, ExposureReport } from "@/data/exposure";
import { useFormat } from "@/i18n/format";
import classes from "./exposure.module.css";

/** As narrow as the headings let it be, so that what is overdue and what was remediated show in a narrow window too. */
const columnWidth = "clamp(4.5rem, 7cqi, 8rem)";

/** Of those whose headings are longer. */
const wordWidth = "clamp(6rem, 9cqi, 8rem)";

/** The figures of each severity: what is open and what of it for too long, what came and went, how long it had lasted. */
export function Figures({ report }: { report: ExposureReport | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const days = (n: number | null) => (n === null ? <span className="muted">–</span> : format.days(n));
  const columns: Column<ExposureFigures>[] = [
    { id: "severity", header: t("exposure.severity"), headless: "narrow", width: severityWidth, cell: (f) => <SeverityBadge severity={f.severity} /> },
    { id: "open", header: t("exposure.open"), width: columnWidth, end: true, wrap: true, cell: (f) => <strong>{format.number(f.open)}</strong> },
    {
      id: "overdue",
      header: t("exposure.overdue"),
      width: columnWidth,
      end: true,
      cell: (f) =>
        f.overdue > 0 ? (
          <strong className={classes.late}>
            <IconAlertTriangle size={14} stroke={1.75} aria-hidden /> {format.number(f.overdue)}
          </strong>
        ) : (
          format.number(0)
        ),
    },
    { id: "suppressed", header: t("exposure.state.suppressed"), width: wordWidth, end: true, wrap: true, priority: 2, cell: (f) => format.number(f.suppressed) },
    // Only where there is something: most environments count what is not seen.
    ...(report?.bySeverity.some((f) => f.notSeen > 0) === true
      ? [{ id: "notSeen", header: t("exposure.state.not-seen"), width: wordWidth, end: true, wrap: true, priority: 2 as const, cell: (f: ExposureFigures) => format.number(f.notSeen) }]
      : []),
    { id: "target", header: t("exposure.target"), width: wordWidth, end: true, wrap: true, priority: 2, cell: (f) => (f.targetDays === 0 ? <span className="muted">{t("exposure.noTarget")}</span> : format.days(f.targetDays)) },
    { id: "opened", header: t("exposure.opened"), width: columnWidth, end: true, priority: 2, wrap: true, cell: (f) => format.number(f.opened) },
    { id: "remediated", header: t("exposure.remediated"), width: wordWidth, end: true, wrap: true, cell: (f) => format.number(f.remediated) },
    { id: "unwatched", header: t("exposure.unwatched"), width: wordWidth, end: true, wrap: true, priority: 3, cell: (f) => format.number(f.unwatched) },
    { id: "median", header: t("exposure.median"), width: columnWidth, end: true, wrap: true, priority: 2, cell: (f) => days(f.medianDays) },
    { id: "p90", header: t("exposure.percentile90"), width: wordWidth, end: true, wrap: true, priority: 3, cell: (f) => days(f.percentile90Days) },
  ];
  return (
    <Section title={t("exposure.figures")} aside={<Link to="/settings/remediation">{t("nav.remediation")}</Link>}>
      <Table label={t("exposure.figures")} columns={columns} rows={report?.bySeverity} keyOf={(f) => f.severity} skeleton={5} empty={null} />
    </Section>
  );
}
