import type { Finding, InUse } from "@/data/images";
import { severities, type Counts, type Severity } from "@/data/severity";

export interface FindingFilter {
  severity: readonly Severity[];
  use: InUse | undefined;
  fixable: boolean;
  kev: boolean;
  q: string;
}

/** Whether a finding passes every filter that is set. */
export function passes(f: Finding, filter: FindingFilter): boolean {
  return (
    (filter.severity.length === 0 || filter.severity.includes(f.severity)) &&
    (filter.use === undefined || f.inUse === filter.use) &&
    (!filter.fixable || f.fixedVersion !== null) &&
    (!filter.kev || f.kev !== null) &&
    [f.id, ...f.aliases, f.package.name, f.package.source].join(" ").toLowerCase().includes(filter.q.toLowerCase())
  );
}

export function count(findings: readonly Finding[]): Counts {
  const counts: Counts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  for (const f of findings) {
    counts[f.severity]++;
  }
  return counts;
}

export interface Group {
  package: Finding["package"];
  inUse: InUse;
  counts: Counts;
  findings: Finding[];
}

const useOrder: readonly InUse[] = ["in-use", "not-observed", "not-seen"];

/** What is known to be exploited goes before what is not. */
function exploitedFirst(a: boolean, b: boolean): number {
  return Number(b) - Number(a);
}

/** Worse first: by whether the package is in use, then whether something of it is exploited, then by its counts from critical down. */
function worse(a: Group, b: Group): number {
  const known = (g: Group) => g.findings.some((f) => f.kev !== null);
  const byUse = useOrder.indexOf(a.inUse) - useOrder.indexOf(b.inUse) || exploitedFirst(known(a), known(b));
  if (byUse !== 0) {
    return byUse;
  }
  for (const s of severities) {
    const more = b.counts[s] - a.counts[s];
    if (more !== 0) {
      return more;
    }
  }
  return a.package.purl < b.package.purl ? -1 : 1;
}

/** Findings by package: what is in use first, within that what is exploited, then the worst; and so within each package. */
export function groupByPackage(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const f of findings) {
    const group = groups.get(f.package.purl);
    if (group) {
      group.push(f);
    } else {
      groups.set(f.package.purl, [f]);
    }
  }
  return [...groups.values()]
    .flatMap((all) => {
      const first = all[0];
      const sorted = all.toSorted(
        (a, b) =>
          exploitedFirst(a.kev !== null, b.kev !== null) || severities.indexOf(a.severity) - severities.indexOf(b.severity) || (b.cvss?.score ?? 0) - (a.cvss?.score ?? 0) || (a.id < b.id ? -1 : 1),
      );
      return first ? [{ package: first.package, inUse: first.inUse, counts: count(all), findings: sorted }] : [];
    })
    .sort(worse);
}
