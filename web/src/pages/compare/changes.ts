import type { Change, FindingChange, PackageChange } from "@/data/compare";
import type { Severity } from "@/data/severity";

export interface ChangeFilter {
  change: readonly Change[];
  severity: readonly Severity[];
  q: string;
}

/** Whether a finding is shown; of one whose severity changed both count. */
export function shows(f: FindingChange, { change, severity, q }: ChangeFilter): boolean {
  const wanted = q.toLowerCase();
  const { finding, was } = f;
  return (
    (change.length === 0 || change.includes(f.change)) &&
    (severity.length === 0 || severity.includes(finding.severity) || (was !== undefined && severity.includes(was.severity))) &&
    `${finding.id} ${finding.aliases.join(" ")} ${finding.package.name} ${finding.package.version}`.toLowerCase().includes(wanted)
  );
}

/** How many findings there are of each change. */
export function countChanges(all: readonly FindingChange[]): Record<Change, number> {
  const out: Record<Change, number> = { new: 0, fixed: 0, unchanged: 0 };
  for (const f of all) {
    out[f.change]++;
  }
  return out;
}

/** The versions of a package, from before to after. */
export function versions({ before, after }: Pick<PackageChange, "before" | "after">): string {
  return before === null || after === null || before === after ? (after ?? before ?? "") : `${before} → ${after}`;
}

/** The package of a finding, with what it was where it is another now. */
export function packageOf({ finding, was }: FindingChange): { name: string; version: string } {
  const { name, version } = finding.package;
  if (was === undefined || (was.package.name === name && was.package.version === version)) {
    return { name, version };
  }
  return was.package.name === name
    ? { name, version: `${was.package.version} → ${version}` }
    : { name, version: `${version} (${was.package.name} ${was.package.version})` };
}

/** What stands behind the repository in the name of an image, or else its digest. */
export function tagOf(repository: string, name: string, digest: string): string {
  const rest = name.startsWith(`${repository}:`) ? name.slice(repository.length + 1) : "";
  return rest === "" ? digest.slice(digest.indexOf(":") + 1, digest.indexOf(":") + 13) : rest;
}
