import { queryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import { severities, type Counts, type Severity } from "./severity";
import type { Holder } from "./vulnerabilities";

export type PackageSummary = components["schemas"]["PackageSummary"];
export type PackageDetail = components["schemas"]["PackageDetail"];
export type ListedVersion = components["schemas"]["ListedVersion"];

/** The types packages mostly have, as package URLs name them. */
export const packageTypes = [
  "alpm",
  "apk",
  "cargo",
  "composer",
  "conan",
  "conda",
  "cran",
  "deb",
  "gem",
  "generic",
  "golang",
  "hackage",
  "hex",
  "maven",
  "npm",
  "nuget",
  "pub",
  "pypi",
  "rpm",
  "swift",
] as const;

export const packageSorts = ["name", "worst"] as const;

export interface PackageFilter {
  environment?: string | undefined;
  type?: string | undefined;
  /** Part of the name. */
  q?: string | undefined;
  vulnerable?: boolean | undefined;
  /** Of those with vulnerabilities also what decisions suppress wherever it is. */
  suppressed?: boolean | undefined;
  /** And what the environment leaves out as not seen. */
  notSeen?: boolean | undefined;
  /** Only what run time saw loaded. */
  inUse?: boolean | undefined;
  sort?: (typeof packageSorts)[number] | undefined;
}

/** The packages of all images, or of those that run in an environment; one row for all versions. */
export function packageListQuery(filter: PackageFilter) {
  return pagesOf<PackageSummary>(["packages", "list", filter], (cursor, signal) =>
    body(api.GET("/api/v1/packages", { params: { query: given({ ...filter, limit: pageSize, cursor }) }, signal })),
  );
}

/** How many packages a list leaves out that it can show, once its first part is there. */
export function usePackagesLeftOut(options: ReturnType<typeof packageListQuery>): { suppressed: number; notSeen: number } {
  const { data } = useInfiniteQuery(options);
  const first = data?.pages[0] as components["schemas"]["PackagePage"] | undefined;
  return { suppressed: first?.suppressedHidden ?? 0, notSeen: first?.notSeenHidden ?? 0 };
}

/** One package with its versions. Its name is no part of the path: it may hold anything. */
export function packageQuery(type: string, name: string) {
  return queryOptions({
    queryKey: ["packages", "one", type, name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/packages/{type}", { params: { path: { type }, query: { name } }, signal })),
  });
}

/** The images that have a package, or one version of it. */
export function packageImagesQuery(type: string, name: string, environment: string | undefined, version: string | undefined) {
  return pagesOf<Holder>(["packages", "images", type, name, { environment, version }], (cursor, signal) =>
    body(
      api.GET("/api/v1/packages/{type}/images", {
        params: { path: { type }, query: { name, ...given({ environment, version, limit: pageSize, cursor }) } },
        signal,
      }),
    ),
  );
}

/** How many vulnerabilities of each severity a version has. */
export function countsOf(version: ListedVersion): Counts {
  const counts: Counts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  for (const { severity } of version.vulnerabilities) {
    counts[severity]++;
  }
  return counts;
}

export interface PackageVulnerability {
  id: string;
  /** The worst among the versions. */
  severity: Severity;
  score: number;
  versions: string[];
  /** What clears it, each once; empty if no fix is known. */
  fixedIn: string[];
}

/** The vulnerabilities of all versions, each once, worst first. */
export function vulnerabilitiesOf(versions: readonly ListedVersion[]): PackageVulnerability[] {
  const found = new Map<string, PackageVulnerability>();
  const worse = (a: Severity, b: Severity) => (severities.indexOf(a) < severities.indexOf(b) ? a : b);
  for (const { version, vulnerabilities } of versions) {
    for (const { id, severity, score, fixedVersion } of vulnerabilities) {
      const known = found.get(id) ?? { id, severity, score, versions: [], fixedIn: [] };
      known.severity = worse(known.severity, severity);
      known.score = Math.max(known.score, score);
      if (!known.versions.includes(version)) {
        known.versions.push(version);
      }
      if (fixedVersion !== null && !known.fixedIn.includes(fixedVersion)) {
        known.fixedIn.push(fixedVersion);
      }
      found.set(id, known);
    }
  }
  return [...found.values()].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.score - a.score || (a.id < b.id ? -1 : 1),
  );
}
