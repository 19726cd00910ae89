import type { Finding, Image, Package } from "@/data/images";
import type { Counts } from "@/data/severity";
import { count } from "./groups";

export type Layer = NonNullable<Image["layers"]>[number];

export interface LayerRow {
  layer: Layer;
  /** From 1, the lowest. */
  number: number;
  /** Packages that lie in it. */
  packages: number;
  findings: number;
  counts: Counts;
}

/** The layers in which each package lies, by its URL. */
export function layersByPackage(packages: readonly Package[]): Map<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { purl, locations } of packages) {
    const layers = found.get(purl) ?? new Set();
    for (const { layer } of locations ?? []) {
      if (layer !== undefined) {
        layers.add(layer);
      }
    }
    found.set(purl, layers);
  }
  return found;
}

/** Whether a package lies in a layer; everything does if none is chosen. */
export function isIn(p: Package, layer: string | undefined): boolean {
  return layer === undefined || (p.locations?.some((l) => l.layer === layer) ?? false);
}

/** Says of each layer what it holds and what is wrong with that. */
export function rowsOf(layers: readonly Layer[], packages: readonly Package[], findings: readonly Finding[]): LayerRow[] {
  const places = layersByPackage(packages);
  return layers.map((layer, i) => {
    const within = findings.filter((f) => places.get(f.package.purl)?.has(layer.diffId));
    return {
      layer,
      number: i + 1,
      packages: packages.filter((p) => isIn(p, layer.diffId)).length,
      findings: within.length,
      counts: count(within),
    };
  });
}

/** The place of a layer among the image's, from 1; undefined if it is none of them. */
export function numberOf(layers: readonly Layer[] | undefined, diffId: string | undefined): number | undefined {
  const at = layers?.findIndex((l) => l.diffId === diffId) ?? -1;
  return at < 0 ? undefined : at + 1;
}
