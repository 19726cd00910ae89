import { IconStack2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { CopyButton } from "@/components/copy";
import { List } from "@/components/list";
import { SeverityCounts } from "@/components/severity";
import { ErrorLine, State } from "@/components/state";
import type { Column } from "@/components/table";
import { findingsQuery, imageQuery, packagesQuery } from "@/data/images";
import { whole } from "@/data/pages";
import { kindOf } from "@/data/problem";
import { useFormat } from "@/i18n/format";
import classes from "./image.module.css";
import { rowsOf, type LayerRow } from "./layers";

/** The layers of an image, lowest first: which command made it, and what it brought. */
export function ImageLayers({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { layer: chosen } = useSearch({ from: "/app/images/$digest" });
  const image = useQuery(imageQuery(digest));
  const packages = useQuery(packagesQuery(digest));
  const findings = useQuery(findingsQuery(digest, environment));
  const layers = image.data?.layers;
  // An image without an analysis has layers all the same.
  const lost = [packages, findings].find((q) => q.error && !q.data && kindOf(q.error) !== "missing");
  const known = lost === undefined;
  const loading = packages.isLoading || findings.isLoading;
  const rows = useMemo(
    () => (image.data && !loading ? rowsOf(layers ?? [], packages.data?.packages ?? [], findings.data?.findings ?? []) : undefined),
    [image.data, loading, layers, packages.data, findings.data],
  );
  const base = image.data?.base;

  const columns: Column<LayerRow>[] = [
    { id: "number", header: t("layer.number"), width: "3.75rem", cell: (r) => <span className="muted">{r.number}</span> },
    {
      id: "command",
      header: t("layer.command"),
      wrap: true,
      cell: ({ layer, number }) => (
        <Link
          to="."
          search={(s: object) => ({ ...s, layer: layer.diffId === chosen ? undefined : layer.diffId })}
          className={classes.command}
          aria-label={t("layer.choose", { n: number, command: layer.command ?? layer.diffId })}
          aria-expanded={layer.diffId === chosen}
          activeProps={{}}
          replace
          data-row
        >
          {layer.base && <span className={classes.base}>{t("layer.base")}</span>}
          <code title={layer.command}>{layer.command ?? <span className="muted">{t("layer.noCommand")}</span>}</code>
        </Link>
      ),
    },
    { id: "size", header: t("image.size"), width: "6.25rem", end: true, priority: 2, cell: (r) => format.bytes(r.layer.size) },
    {
      id: "packages",
      header: t("image.packages"),
      width: "6rem",
      end: true,
      cell: ({ layer: { added, removed } }) =>
        added === undefined ? (
          <span className="muted">—</span>
        ) : (
          <span title={t("layer.change", { added: format.number(added), removed: format.number(removed ?? 0) })}>
            {added > 0 || !removed ? `+${format.number(added)}` : ""} {removed ? `−${format.number(removed)}` : ""}
          </span>
        ),
    },
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "16.5rem", priority: 2, cell: (r) => (known ? <SeverityCounts counts={r.counts} /> : <span className="muted">—</span>) },
  ];
  return (
    <>
      {base && base.layers > 0 && (
        <p className="muted">
          {t("layer.baseIs", { count: base.layers, n: format.number(base.layers), name: base.name ?? base.digest ?? "" })}
        </p>
      )}
      {lost && <ErrorLine what={t(lost === packages ? "image.tab.packages" : "image.tab.vulnerabilities")} error={lost.error} retry={lost.refetch} />}
      <List
        label={t("image.tab.layers")}
        columns={columns}
        list={whole(image, rows)}
        rows={rows}
        keyOf={(r) => String(r.number)}
        skeleton={4}
        detail={(r) => (r.layer.diffId === chosen ? <Detail row={r} known={known} /> : null)}
        empty={
          <State icon={<IconStack2 size={28} stroke={1.5} aria-hidden />} title={t("layer.none.title")}>
            {t("layer.none.text")}
          </State>
        }
      />
    </>
  );
}

/** What of an image a chosen layer leads to. */
function Detail({ row: { layer, packages, findings }, known }: { row: LayerRow; known: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.layer}>
      {layer.command !== undefined && <pre>{layer.command}</pre>}
      <p className={classes.ways}>
        <span className="mono">{layer.diffId}</span>
        <CopyButton text={layer.diffId} />
      </p>
      <p className={classes.ways}>
        <Link to="." search={(s: object) => ({ ...s, tab: "packages" as const, layer: layer.diffId })}>
          {known ? t("layer.packages", { count: packages, n: format.number(packages) }) : t("image.tab.packages")}
        </Link>
        <Link to="." search={(s: object) => ({ ...s, tab: undefined, layer: layer.diffId })}>
          {known ? t("layer.findings", { count: findings, n: format.number(findings) }) : t("image.tab.vulnerabilities")}
        </Link>
      </p>
    </div>
  );
}
