import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { gapsQuery, type Gap } from "@/data/coverage";
import { latestIndexed } from "@/data/environments";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { AnalyseButton } from "./analyse";
import { GapReason } from "./gap-reason";
import classes from "./gaps.module.css";
import { Digest, ImageName, WorkloadName } from "./image-name";
import { List } from "./list";
import { State } from "./state";
import { RemedyAction, RemedyText } from "./remedy";
import { GapState } from "./status";
import type { Column } from "./table";
import { WarningSigns, Warnings } from "./warnings";

/** Workloads listed with a gap; the rest is counted. */
const most = 3;

/** What runs and is not analysed: why, and what to do about it. */
export function Gaps({ environment, title }: { environment?: string | undefined; title?: string }) {
  const { t } = useTranslation();
  const list = useRows(gapsQuery(environment));
  const columns: Column<Gap>[] = [
    {
      id: "image",
      header: t("image.name"),
      width: "clamp(6.75rem, 22cqi, 20rem)",
      wrap: true,
      cell: (gap) => (
        <div className={classes.image}>
          {gap.name !== undefined && gap.name !== "" && <ImageName name={gap.name} digest={gap.imageId} />}
          <Digest value={gap.imageId} />
          <WarningSigns warnings={gap.warnings} />
          {gap.warnings.some((w) => w.reference !== gap.name) && <Warnings warnings={gap.warnings} />}
        </div>
      ),
    },
    { id: "state", header: t("gap.state.title"), width: "8.5rem", priority: 2, wrap: true, cell: (gap) => <GapState state={gap.state} /> },
    {
      id: "reason",
      header: t("gap.reason"),
      wrap: true,
      cell: (gap) => (
        <div className={classes.reason}>
          <p>
            <GapReason gap={gap} />
          </p>
          {gap.state !== "unresolved" && <p className="muted">{t(`gap.next.${gap.state}`)}</p>}
          {gap.remedy && <RemedyText remedy={gap.remedy} />}
        </div>
      ),
    },
    {
      id: "workloads",
      header: t("workload.title"),
      width: "clamp(10rem, 26cqi, 26rem)",
      priority: 2,
      wrap: true,
      cell: (gap) => (
        <ul>
          {gap.workloads.slice(0, most).map((w) => (
            <li key={JSON.stringify(w)}>
              <WorkloadName workload={w} />
            </li>
          ))}
          {gap.workloads.length > most && <li className="muted">{t("workload.more", { count: gap.workloads.length - most })}</li>}
        </ul>
      ),
    },
    {
      id: "action",
      header: t("gap.action"),
      width: "9.5rem",
      end: true,
      priority: 2,
      wrap: true,
      cell: (gap) =>
        gap.state === "not-analysed" ? null : gap.remedy && gap.remedy.action !== "request-analysis" ? (
          <RemedyAction remedy={gap.remedy} reference={gap.name ?? ""} />
        ) : (
          <AnalyseButton size="compact-xs" label={t(gap.state === "failed" ? "analyse.again" : "analyse.button")} {...(gap.name ? { reference: gap.name } : {})} />
        ),
    },
  ];
  return (
    <List
      {...(title !== undefined && { title })}
      label={t("gap.title")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(gap) => gap.imageId}
      skeleton={3}
      exports={exportOf("/api/v1/export/coverage/gaps", { query: { environment } })}
      empty={
        environment === latestIndexed ? (
          <State icon={<IconCircleDashed size={28} stroke={1.5} aria-hidden />} title={t("environment.latest.nothingRuns")}>
            {t("environment.latest.about")}
          </State>
        ) : (
          <State icon={<IconCircleCheck size={28} stroke={1.5} aria-hidden />} title={t("gap.none.title")}>
            {t("gap.none.text")}
          </State>
        )
      }
    />
  );
}
