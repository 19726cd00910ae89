import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ExportAddress } from "@/data/export";
import { imageQuery, type Occurrence } from "@/data/images";
import type { Rows } from "@/data/pages";
import { Ago } from "./ago";
import { ImageName } from "./image-name";
import { shortDigest } from "./name-parts";
import { List } from "./list";
import { State } from "./state";
import { RunState } from "./status";
import type { Column } from "./table";

interface OccurrencesProps {
  list: Rows<Occurrence>;
  /** What all rows share, and need not be said in each. */
  of: "image" | "environment";
  exports: ExportAddress;
  /** Images that were read already, by the ID the runtime reports; undefined while they are. */
  known?: Known | undefined;
}

type Known = ReadonlyMap<string, { name: string; digest: string }>;

/** The image that ran. One that is not among those read already is asked for; its digest alone is told of what nobody analysed. */
function Ran({ id, known }: { id: string; known: Known | undefined }) {
  const among = known?.get(id);
  const { data } = useQuery({ ...imageQuery(id), enabled: known !== undefined && among === undefined });
  const image = among ?? data;
  return image ? (
    <Link to="/images/$digest" params={{ digest: image.digest }}>
      <ImageName name={image.name} digest={image.digest} />
    </Link>
  ) : (
    <span className="mono" title={id}>
      {shortDigest(id)}
    </span>
  );
}

/** What ran where, from when to when. */
export function Occurrences({ list, of, exports, known }: OccurrencesProps) {
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
    { id: "namespace", header: t("workload.namespace"), width: "12%", cell: (o) => o.namespace },
    { id: "cluster", header: t("workload.cluster"), width: "12%", priority: 2, cell: (o) => o.cluster },
    of === "image"
      ? {
          id: "environment",
          header: t("environment.one"),
          width: "15%",
          cell: (o) => (
            <Link to="/environments/$name" params={{ name: o.environment }}>
              {o.environment}
            </Link>
          ),
        }
      : {
          id: "image",
          header: t("image.one"),
          width: "26%",
          cell: (o) => <Ran id={o.imageId} known={known} />,
        },
    { id: "state", header: t("occurrence.state"), width: "7rem", priority: 2, cell: (o) => <RunState running={o.closed === null} /> },
    { id: "opened", header: t("occurrence.opened"), width: "8.5rem", cell: (o) => <Ago at={o.opened} /> },
    { id: "closed", header: t("occurrence.closed"), width: "8.5rem", priority: 3, cell: (o) => (o.closed === null ? <span className="muted">—</span> : <Ago at={o.closed} />) },
  ];
  return (
    <List
      label={t("occurrence.title")}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(o) => [o.integration, o.cluster, o.namespace, o.kind, o.name, o.container, o.imageId, o.opened].join("\n")}
      skeleton={4}
      exports={exports}
      empty={
        <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("occurrence.none.title")}>
          {t(of === "image" ? "occurrence.none.image" : "occurrence.none.environment")}
        </State>
      }
    />
  );
}
