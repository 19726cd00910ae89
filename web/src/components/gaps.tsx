import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { gapsQuery, type Gap } from "@/data/coverage";
import { useRows } from "@/data/pages";
import { AnalyseButton } from "./analyse";
import classes from "./gaps.module.css";
import { Digest, ImageName, WorkloadName } from "./image-name";
import { ErrorState, State } from "./state";
import { GapState } from "./status";
import { Foot, Table, type Column } from "./table";

/** Workloads listed with a gap; the rest is counted. */
const most = 3;

/** What runs and is not analysed: why, and what to do about it. */
export function GapsTable({ environment }: { environment?: string | undefined }) {
  const { t } = useTranslation();
  const list = useRows(gapsQuery(environment));
  if (list.error) {
    return <ErrorState error={list.error} retry={list.retry} />;
  }
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
          <p>{gap.reason}</p>
          {gap.state !== "unresolved" && <p className="muted">{t(`gap.next.${gap.state}`)}</p>}
        </div>
      ),
    },
    {
      id: "workloads",
      header: t("workload.title"),
      width: "26%",
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
      wrap: true,
      cell: (gap) =>
        gap.state === "not-analysed" ? null : (
          <AnalyseButton size="compact-xs" label={t(gap.state === "failed" ? "analyse.again" : "analyse.button")} {...(gap.name ? { reference: gap.name } : {})} />
        ),
    },
  ];
  return (
    <Table
      label={t("gap.title")}
      columns={columns}
      rows={list.rows}
      keyOf={(gap) => gap.imageId}
      onEnd={list.hasMore ? list.loadMore : undefined}
      skeleton={3}
      empty={
        <State icon={<IconCircleCheck size={28} stroke={1.5} aria-hidden />} title={t("gap.none.title")}>
          {t("gap.none.text")}
        </State>
      }
      foot={list.hasMore ? <Foot loaded={list.rows?.length ?? 0} shown={list.rows?.length ?? 0} {...list} /> : undefined}
    />
  );
}
