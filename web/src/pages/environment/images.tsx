import { IconChevronDown, IconChevronRight, IconPackage } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/icon-button";
import { ImageName, WorkloadName } from "@/components/image-name";
import { shortDigest } from "@/components/name-parts";
import { List } from "@/components/list";
import { SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import { Incomplete } from "@/components/status";
import type { Column } from "@/components/table";
import { WarningSigns, Warnings } from "@/components/warnings";
import { runningImagesQuery, type RunningImage } from "@/data/environments";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { total } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import classes from "./environment.module.css";

/** The analysed images that run in an environment, or ran there at a time; each opens to its workloads. */
export function RunningImages({ name, at }: { name: string; at?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useRows(runningImagesQuery(name, at));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (digest: string) => {
    const next = new Set(open);
    if (!next.delete(digest)) {
      next.add(digest);
    }
    setOpen(next);
  };
  const columns: Column<RunningImage>[] = [
    {
      id: "name",
      header: t("image.name"),
      cell: (i) => {
        const Chevron = open.has(i.digest) ? IconChevronDown : IconChevronRight;
        return (
          <span className={classes.name}>
            <IconButton
              expanded={open.has(i.digest)}
              label={t("workload.toggle", { image: i.name === "" ? shortDigest(i.digest) : i.name })}
              onClick={() => {
                toggle(i.digest);
              }}
            >
              <Chevron size={15} aria-hidden />
            </IconButton>
            <Link to="/images/$digest" params={{ digest: i.digest }} search={{ environment: name }} data-row>
              <ImageName name={i.name} digest={i.digest} />
            </Link>
            <WarningSigns warnings={i.warnings} />
          </span>
        );
      },
    },
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "16.5rem", cell: (i) => <><SeverityCounts counts={i.summary} /> <Incomplete count={i.problemCount} /></> },
    { id: "use", header: t("use.inUse"), width: "6.5rem", end: true, priority: 2, cell: (i) => <Used image={i} /> },
    {
      id: "workloads",
      header: t("workload.title"),
      width: "32%",
      priority: 2,
      cell: (i) => (
        <>
          {i.workloads[0] && `${i.workloads[0].namespace} / ${i.workloads[0].name}`}
          {i.workloads.length > 1 && <span className="muted"> {t("workload.more", { count: i.workloads.length - 1 })}</span>}
        </>
      ),
    },
    { id: "count", header: t("workload.containers"), width: "6.5rem", end: true, priority: 3, cell: (i) => format.number(i.workloads.length) },
  ];
  return (
    <List
      label={t("environment.tab.images")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(i) => i.digest}
      skeleton={4}
      {...(at === undefined && { exports: exportOf("/api/v1/export/environments/{name}/images", { path: { name } }) })}
      detail={(i) =>
        open.has(i.digest) ? (
          <>
            <Warnings warnings={i.warnings} />
            <ul className={classes.workloads}>
              {i.workloads.map((w) => (
                <li key={JSON.stringify(w)}>
                  <WorkloadName workload={w} />
                </li>
              ))}
            </ul>
          </>
        ) : null
      }
      empty={
        at === undefined ? (
          <State icon={<IconPackage size={28} stroke={1.5} aria-hidden />} title={t("environment.noImages.title")}>
            {t("environment.noImages.text")}{" "}
            <Link to="." search={(s: object) => ({ ...s, tab: "gaps" as const })}>
              {t("environment.tab.gaps")}
            </Link>
          </State>
        ) : (
          <State icon={<IconPackage size={28} stroke={1.5} aria-hidden />} title={t("then.noImages")} />
        )
      }
    />
  );
}

/** How many of an image's vulnerabilities are in packages seen loaded, of how many; nothing while run time does not watch it. */
function Used({ image }: { image: RunningImage }) {
  const { t } = useTranslation();
  const format = useFormat();
  const loaded = total(image.inUse["in-use"]);
  if (loaded + total(image.inUse["not-seen"]) === 0) {
    return <span className="muted">–</span>;
  }
  return <span title={t("use.about")}>{t("use.of", { n: format.number(loaded), all: format.number(total(image.summary)) })}</span>;
}
