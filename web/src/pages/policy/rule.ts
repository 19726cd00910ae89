import { severities, type Severity } from "@/data/severity";

/** What a policy asks, in the parts of which it is told: one sentence for each, with what is named in it. */
export type Says =
  | { says: "vulnerabilities" | "fixable" | "inUse" | "inUseFixable" | "overdue"; severities: Severity[] }
  | { says: "grace" | "age"; count: number }
  | { says: "packageTypes" | "cves" | "excluded" | "patterns" | "licences" | "allowed"; list: string[] }
  | { says: "exploited" | "nothing" | "attested" | "anyBase" | "supported" | "upToDate" | "nonRoot" };

type Parameters = Record<string, unknown>;

/** The parameters of a policy, whatever the server says they are. */
export function parametersOf(policy: { parameters?: unknown }): Parameters {
  return typeof policy.parameters === "object" && policy.parameters !== null ? (policy.parameters as Parameters) : {};
}

export function textsIn(p: Parameters, name: string): string[] {
  const value = p[name];
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

export function severitiesIn(p: Parameters, name: string): Severity[] {
  const given = textsIn(p, name);
  return severities.filter((s) => given.includes(s));
}

export function daysIn(p: Parameters, name: string): number {
  return typeof p[name] === "number" ? p[name] : 0;
}

export function sourceIn(p: Parameters, name: string): string {
  return typeof p[name] === "string" ? p[name] : "";
}

/** An object as people edit it; nothing where there is nothing in it. */
export function objectIn(p: Parameters, name: string): string {
  const value = p[name];
  return typeof value === "object" && value !== null && Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : "";
}

/** What a policy of a type asks; undefined of a type that this dashboard does not know. */
export function ruleOf(type: string, p: Parameters): Says[] | undefined {
  const list = (says: Extract<Says, { list: string[] }>["says"], name: string): Says[] => {
    const given = textsIn(p, name);
    return given.length > 0 ? [{ says, list: given }] : [];
  };
  const days = (says: "grace" | "age", name: string): Says[] => (daysIn(p, name) > 0 ? [{ says, count: daysIn(p, name) }] : []);
  const bad = severitiesIn(p, "severities");
  const orNothing = (asks: Says[], more: Says[]): Says[] => (asks.length > 0 ? [...asks, ...more] : [{ says: "nothing" }]);
  switch (type) {
    case "fixable-vulnerabilities":
      return [{ says: p.fixableOnly === true ? "fixable" : "vulnerabilities", severities: bad }, ...list("packageTypes", "packageTypes"), ...days("age", "ageDays")];
    case "high-profile-vulnerabilities":
      return orNothing([...list("cves", "cves"), ...(p.knownExploited === true ? [{ says: "exploited" } as const] : [])], list("excluded", "excludedCves"));
    case "supply-chain-attestations":
      return [{ says: "attested" }];
    case "approved-base-image": {
      const patterns = textsIn(p, "patterns");
      const base: Says = patterns.includes("*") ? { says: "anyBase" } : { says: "patterns", list: patterns };
      return p.supportedDistributions === true ? [base, { says: "supported" }] : [base];
    }
    case "up-to-date-base-image":
      return [{ says: "upToDate" }];
    case "default-non-root-user":
      return [{ says: "nonRoot" }];
    case "licences":
      return orNothing(list("licences", "licences"), list("allowed", "allowedPackages"));
    case "in-use-vulnerabilities":
      return [{ says: p.fixableOnly === true ? "inUseFixable" : "inUse", severities: bad }];
    case "overdue-vulnerabilities":
      return [{ says: "overdue", severities: bad }, ...days("grace", "graceDays")];
    default:
      return undefined;
  }
}

/** The types that have a name in the catalogues. */
export const knownTypes = [
  "fixable-vulnerabilities",
  "high-profile-vulnerabilities",
  "supply-chain-attestations",
  "approved-base-image",
  "up-to-date-base-image",
  "default-non-root-user",
  "licences",
  "in-use-vulnerabilities",
  "overdue-vulnerabilities",
  "rego",
] as const;

/** The parameters that have a name and a meaning in the catalogues. */
export const knownParameters = [
  "severities",
  "fixableOnly",
  "packageTypes",
  "ageDays",
  "cves",
  "excludedCves",
  "knownExploited",
  "patterns",
  "supportedDistributions",
  "licences",
  "allowedPackages",
  "graceDays",
  "source",
  "config",
] as const;
