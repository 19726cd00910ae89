import { IconChevronDown, IconChevronRight, IconPackage } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SearchInput } from "@/components/filters";
import { IconButton } from "@/components/icon-button";
import { ImageCounts } from "@/components/image-counts";
import { ImageName, WorkloadName } from "@/components/image-name";
import { shortDigest } from "@/components/name-parts";
import { List } from "@/components/list";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { WarningSigns, Warnings } from "@/components/warnings";
import { latestIndexed, runningImagesQuery, type RunningImage } from "@/data/environments";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { total } from "@/data/severity";
import { Used } from "@/components/used";
import { useFormat } from "@/i18n/format";
import classes from "./environment.module.css";

/** The analysed images that run in an environment, or ran there at a time; each opens to its workloads. In the one that is built in nothing runs. */
export function RunningImages({ name, at }: { name: string; at?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { q } = useSearch({ from: "/app/environments/$name" });
  const navigate = useNavigate({ from: "/environments/$name" });
  const list = useRows(runningImagesQuery(name, { at, q }));
  const runs = name !== latestIndexed;
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
            {runs && (
              <IconButton
                expanded={open.has(i.digest)}
                label={t("workload.toggle", { image: i.name === "" ? shortDigest(i.digest) : i.name })}
                onClick={() => {
                  toggle(i.digest);
                }}
              >
                <Chevron size={15} aria-hidden />
              </IconButton>
            )}
            <Link to="/images/$digest" params={{ digest: i.digest }} search={{ environment: name }} data-row>
              <ImageName name={i.name} digest={i.digest} />
            </Link>
            <WarningSigns warnings={i.warnings} />
          </span>
        );
      },
    },
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "clamp(9.5rem, 36cqi, 16.5rem)", cell: (i) => <ImageCounts image={i} /> },
  ];
  // What was in use in the past nobody kept.
  const use: Column<RunningImage>[] = at !== undefined ? [] : [
    { id: "use", header: t("use.inUse"), width: "6.5rem", end: true, priority: 2, cell: (i) => <UsedHere image={i} /> },
  ];
  const ofWhatRuns: Column<RunningImage>[] = [
    ...use,
    {
      id: "workloads",
      header: t("workload.title"),
      width: "clamp(10rem, 32cqi, 32rem)",
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
      columns={runs ? [...columns, ...ofWhatRuns] : columns}
      list={list}
      rows={list.rows}
      keyOf={(i) => i.digest}
      skeleton={4}
      filters={
        <SearchInput
          label={t("images.filter")}
          value={q ?? ""}
          onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
        />
      }
      narrowed={q !== undefined}
      clear={() => void navigate({ search: (s) => ({ ...s, q: undefined }), replace: true })}
      exports={exportOf("/api/v1/export/environments/{name}/images", { path: { name }, query: { at, q } })}
      detail={(i) =>
        open.has(i.digest) ? (
          <>
            <Warnings warnings={i.warnings} />
            {i.profileStale && i.profiledAt !== undefined && (
              <p className={classes.stale}>{t("profile.staleSince", { time: format.moment(new Date(i.profiledAt)) })}</p>
            )}
            {i.unprofiled && <p className={classes.stale}>{t("profile.unprofiled")}</p>}
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
        !runs ? (
          <State icon={<IconPackage size={28} stroke={1.5} aria-hidden />} title={t("images.none.title")}>
            {t("images.none.text")}
          </State>
        ) : at === undefined ? (
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
function UsedHere({ image }: { image: RunningImage }) {
  const { t } = useTranslation();
  const loaded = total(image.inUse["in-use"]);
  if (image.profileStale && loaded === 0) {
    return <span className="muted">{t("profile.stale")}</span>;
  }
  if (loaded + total(image.inUse["not-seen"]) === 0) {
    return <span className="muted" data-none>–</span>;
  }
  return <Used loaded={image.inUse["in-use"]} all={image.summary} />;
}
