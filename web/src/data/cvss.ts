/** The base metrics of each version, in the order of its specification. */
const metrics = {
  "2": ["AV", "AC", "Au", "C", "I", "A"],
  "3": ["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
  "4": ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
} as const;

export type Metric = (typeof metrics)[keyof typeof metrics][number];

/** The values of each metric over all versions that there are words for. */
const values = {
  AV: ["N", "A", "L", "P"],
  AC: ["L", "M", "H"],
  AT: ["N", "P"],
  Au: ["N", "S", "M"],
  PR: ["N", "L", "H"],
  UI: ["N", "R", "P", "A"],
  S: ["U", "C"],
  C: ["N", "P", "L", "C", "H"],
  I: ["N", "P", "L", "C", "H"],
  A: ["N", "P", "L", "C", "H"],
  VC: ["N", "L", "H"],
  VI: ["N", "L", "H"],
  VA: ["N", "L", "H"],
  SC: ["N", "L", "H"],
  SI: ["N", "L", "H"],
  SA: ["N", "L", "H"],
} as const satisfies Record<Metric, readonly string[]>;

/** A metric with its value, by which the catalogues name it. */
export type Part = { [M in Metric]: { metric: M; key: `${M}.${(typeof values)[M][number]}` } }[Metric];

/** The base metrics a vector gives, in their order; none for one that is not understood. */
export function partsOf(vector: string): Part[] {
  const [head = "", ...rest] = vector.split("/");
  const named = /^CVSS:(\d+)\.\d+$/.exec(head)?.[1];
  // Vectors of version 2 do not name it.
  const version = named ?? "2";
  if (!(version in metrics)) {
    return [];
  }
  const given = new Map((version === "2" ? vector.replace(/^\(|\)$/g, "").split("/") : rest).map((part) => part.split(":", 2) as [string, string | undefined]));
  return metrics[version as keyof typeof metrics].flatMap((metric) => {
    const value = given.get(metric);
    const known: readonly string[] = values[metric];
    return value !== undefined && known.includes(value) ? [{ metric, key: `${metric}.${value}` } as Part] : [];
  });
}
