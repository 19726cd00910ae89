import { IconHistory } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ExportAddress } from "@/data/export";
import type { Occurrence } from "@/data/images";
import type { Rows } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import { Ago } from "./ago";
import { ImageName } from "./image-name";
import { List, type ListProps } from "./list";
import { State } from "./state";
import { InUseCounts, RunState } from "./status";
import type { Column } from "./table";

interface OccurrencesProps extends Pick<ListProps<Occurrence>, "filters" | "narrowed" | "clear"> {
  list: Rows<Occurrence>;
  /** What all rows share, and need not be said in each. */
  of: "image" | "environment";
  exports: ExportAddress;
}

/** The image that ran. Of what nobody analysed the digest alone may be known, or what a source calls it. */
function Ran({ of }: { of: Occurrence }) {
  const name = <ImageName name={of.image ?? ""} digest={of.digest ?? of.imageId} />;
  return of.digest === undefined ? (
    <span title={of.imageId}>{name}</span>
  ) : (
    <Link to="/images/$digest" params={{ digest: of.digest }}>
      {name}
    </Link>
  );
}

/** What ran where, from when to when. */
export function Occurrences({ list, of, exports, ...narrowing }: OccurrencesProps) {
  const { t } = useTranslation();
  const columns: Column<Occurrence>[] = [
    {
      id: "workload",
      header: t("workload.name"),
      cell: (o) => (
        <span title={`${o.namespace}/${o.name} [${o.container}]`}>
          {o.name} <span className="muted">{o.container === o.name ? o.kind : `${o.kind} [${o.container}]`}</span>
        </span>
      ),
    },
    {
      id: "namespace",
      header: t("workload.namespace"),
      width: "clamp(6.5rem, 12cqi, 12rem)",
      priority: 2,
      cell: (o) =>
        of === "image" || o.namespace === "" ? (
          o.namespace
        ) : (
          <Link to="." search={(s: object) => ({ ...s, namespace: o.namespace })} replace title={t("occurrence.onlyNamespace", { namespace: o.namespace })}>
            {o.namespace}
          </Link>
        ),
    },
    { id: "cluster", header: t("workload.cluster"), width: "clamp(6.5rem, 11cqi, 12rem)", priority: 2, cell: (o) => o.cluster },
    of === "image"
      ? {
          id: "environment",
          header: t("environment.one"),
          width: "clamp(7.5rem, 15cqi, 14rem)",
          cell: (o) => (
            <Link to="/environments/$name" params={{ name: o.environment }}>
              {o.environment}
            </Link>
          ),
        }
      : {
          id: "image",
          header: t("image.one"),
          width: "24%",
          cell: (o) => <Ran of={o} />,
        },
    { id: "state", header: t("occurrence.state"), width: "7rem", priority: 2, cell: (o) => <RunState running={o.closed === null} /> },
    { id: "use", header: t("inUse.title"), width: "9rem", priority: 2, cell: (o) => <Use of={o} /> },
    { id: "opened", header: t("occurrence.opened"), width: "8.5rem", priority: 2, cell: (o) => <Ago at={o.opened} /> },
    // What runs now has no end, which its state says.
    ...(list.rows?.some((o) => o.closed !== null) === true
      ? [{ id: "closed", header: t("occurrence.closed"), width: "8.5rem", priority: 3 as const, cell: (o: Occurrence) => (o.closed === null ? <span className="muted">—</span> : <Ago at={o.closed} />) }]
      : []),
  ];
  return (
    <List
      label={t("occurrence.title")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(o) => [o.integration, o.cluster, o.namespace, o.kind, o.name, o.container, o.imageId, o.opened].join("\n")}
      skeleton={4}
      {...narrowing}
      exports={exports}
      empty={
        <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("occurrence.none.title")}>
          {t(of === "image" ? "occurrence.none.image" : "occurrence.none.environment")}
        </State>
      }
    />
  );
}

/** What is in use of what runs; nothing while its image is not analysed, and of what ended. */
function Use({ of }: { of: Occurrence }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.inUse === undefined) {
    return <span className="muted" data-none>–</span>;
  }
  const counts = <InUseCounts of={of.inUse} />;
  return of.profileStale === true && of.profiledAt !== undefined ? <span title={t("profile.staleSince", { time: format.moment(new Date(of.profiledAt)) })}>{counts}</span> : counts;
}
