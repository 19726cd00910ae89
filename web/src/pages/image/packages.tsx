import { IconPackages } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Choice, SearchInput } from "@/components/filters";
import { InUseState } from "@/components/in-use";
import { List } from "@/components/list";
import { Locations } from "@/components/locations";
import { PackageType } from "@/components/package-type";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { imageQuery, inUseStates, packagesQuery, usageQuery, type Package } from "@/data/images";
import { whole } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import { LayerFilter } from "./layer-filter";
import { isIn } from "./layers";

/** What is in an image. */
export function ImagePackages({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { type, use, q = "", layer } = useSearch({ from: "/app/images/$digest" });
  const navigate = useNavigate({ from: "/images/$digest" });
  const answer = useQuery(packagesQuery(digest));
  const all = answer.data?.packages;
  const { data: image } = useQuery(imageQuery(digest));
  const runs = (image?.environments.length ?? 0) > 0;
  const usage = useQuery({ ...usageQuery(digest, environment), enabled: runs });
  const states = usage.data?.packages;
  const waiting = use !== undefined && runs && states === undefined;
  const types = useMemo(() => {
    const counts = new Map<string, number>();
    all?.forEach((p) => counts.set(p.type, (counts.get(p.type) ?? 0) + 1));
    return [...counts].sort(([, a], [, b]) => b - a);
  }, [all]);
  const shown = useMemo(() => {
    const wanted = q.toLowerCase();
    if (waiting) {
      return undefined;
    }
    return all?.filter((p) => (type === undefined || p.type === type) && (use === undefined || (states?.[p.purl] ?? "not-observed") === use) && isIn(p, layer) && `${p.name} ${p.source ?? ""} ${p.purl} ${p.licences?.join(" ") ?? ""}`.toLowerCase().includes(wanted));
  }, [all, type, use, states, waiting, q, layer]);

  const every: Column<Package>[] = [
    {
      id: "name",
      header: t("package.name"),
      cell: (p) => (
        <Link to="/packages/$type" params={{ type: p.type }} search={{ name: p.name }} title={p.purl} data-row>
          {p.name}
        </Link>
      ),
    },
    { id: "version", header: t("package.version"), width: "clamp(7rem, 17cqi, 16rem)", cell: (p) => <span className="mono" title={p.version}>{p.version === "" ? "—" : p.version}</span> },
    { id: "type", header: t("package.type"), width: "7rem", priority: 2, cell: (p) => <PackageType type={p.type} /> },
    {
      id: "use",
      header: t("inUse.title"),
      width: "9rem",
      priority: 2,
      cell: (p) => {
        const state = states?.[p.purl];
        return state && <InUseState state={state} places={usage.data?.places.map((place) => ({ environment: place.environment, state: place.packages[p.purl] })) ?? []} />;
      },
    },
    { id: "source", header: t("package.source"), width: "clamp(6rem, 9cqi, 12rem)", priority: 3, cell: (p) => <span className="muted">{p.source === p.name ? "" : p.source}</span> },
    { id: "owner", header: t("package.owner"), width: "clamp(6rem, 9cqi, 12rem)", priority: 2, cell: (p) => <Owner of={p} /> },
    { id: "licences", header: t("package.licences"), width: "clamp(6rem, 10cqi, 14rem)", priority: 2, cell: (p) => <span title={p.licences?.join(", ")}>{p.licences?.join(", ")}</span> },
    {
      id: "location",
      header: t("package.location"),
      width: "clamp(9rem, 18cqi, 30rem)",
      priority: 2,
      cell: (p) => <Locations of={p.locations ?? []} />,
    },
  ];
  const hasOwner = (p: Package) => p.locations?.some((l) => l.ownedBy !== undefined) ?? false;
  // A column nobody has a value for would only take the room of the others.
  const has = { use: runs, source: all?.some((p) => p.source), owner: all?.some(hasOwner), licences: all?.some((p) => p.licences?.length) };
  const columns = every.filter((c) => !(c.id in has) || has[c.id as keyof typeof has]);

  return (
    <List
      label={t("image.tab.packages")}
      columns={columns}
      list={whole(waiting ? usage : answer, waiting ? undefined : all)}
      rows={shown}
      keyOf={(p) => `${p.purl}\n${p.locations?.[0]?.path ?? ""}`}
      filters={
        <>
          <SearchInput
            label={t("packages.filterOfImage")}
            value={q}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
          />
          <Choice
            label={t("package.type")}
            options={[{ value: "", label: t("packages.anyType") }, ...types.map(([name, n]) => ({ value: name, label: `${name} (${format.number(n)})` }))]}
            value={type ?? ""}
            onChange={(chosen) => void navigate({ search: (s) => ({ ...s, type: chosen === "" ? undefined : chosen }), replace: true })}
          />
          {runs && (
            <Choice
              label={t("inUse.filter")}
              options={[{ value: "", label: t("inUse.any") }, ...inUseStates.map((u) => ({ value: u, label: t(`inUse.${u}`) }))]}
              value={use ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, use: inUseStates.find((u) => u === chosen) }), replace: true })}
            />
          )}
          <LayerFilter digest={digest} />
        </>
      }
      clear={() => void navigate({ search: (s) => ({ ...s, q: undefined, type: undefined, use: undefined, layer: undefined }), replace: true })}
      exports={exportOf("/api/v1/export/images/{digest}/packages", { path: { digest }, query: { environment, type, use, q, layer } })}
      empty={
        <State icon={<IconPackages size={28} stroke={1.5} aria-hidden />} title={t("packages.none.title")}>
          {t("packages.none.text")}
        </State>
      }
    />
  );
}

/** The package of the system whose files these are: its vendor mends them, so advisories of the language do not count. */
function Owner({ of }: { of: Package }) {
  const { t } = useTranslation();
  const owner = of.locations?.find((l) => l.ownedBy !== undefined)?.ownedBy;
  if (!owner) {
    return null;
  }
  return <span title={t("package.ownerAbout", { owner: `${owner.name} ${owner.version}` })}>{owner.name}</span>;
}
