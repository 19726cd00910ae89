import { customRegion, type Account, type ClusterList } from "@/data/integrations";
import { Problem } from "@/data/problem";

/** The steps to a connected cluster, in order. */
export const steps = ["name", "account", "cluster", "environment", "summary"] as const;
export type Step = (typeof steps)[number];

/** What was entered so far. It lives in the page alone, as the token does. */
export interface Draft extends Account {
  name: string;
  /** The clusters Sysdig told of for this account; undefined until it answered. */
  clusters: readonly string[] | undefined;
  /** Whose list they are, and why it is not that of the token; empty if it is. Without a list there are no clusters. */
  listedBy: ClusterList["listedBy"];
  refused: string;
  cluster: string;
  environment: string;
  /** The environment is one that does not exist yet. */
  isNew: boolean;
  /** What runs there is analysed without anybody asking for it. */
  analyse: boolean;
}

export const blank: Draft = { name: "", region: "", url: "", token: "", ca: "", apiToken: "", clusters: undefined, listedBy: undefined, refused: "", cluster: "", environment: "", isNew: false, analyse: false };

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const environmentPattern = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/;

/** Why a name cannot be used; undefined if it can. The address of this very wizard is one. */
export function nameFault(name: string, taken: readonly string[]): "form" | "taken" | undefined {
  if (!namePattern.test(name)) {
    return "form";
  }
  return taken.includes(name) || name === "new" ? "taken" : undefined;
}

export function isEnvironmentName(name: string): boolean {
  return environmentPattern.test(name);
}

/** Whether a step has what the next ones need. */
export function isComplete(step: Step, draft: Draft): boolean {
  switch (step) {
    case "name":
      return nameFault(draft.name, []) === undefined;
    case "account":
      return draft.clusters !== undefined;
    case "cluster":
      return draft.cluster.trim() !== "";
    case "environment":
      return isEnvironmentName(draft.environment);
    case "summary":
      return false;
  }
}

/** Whether Sysdig can be asked. */
export function isAccount({ region, url, token }: Account): boolean {
  return region !== "" && token.trim() !== "" && (region !== customRegion || url.trim() !== "");
}

/** The wanted step, or the first before it that is not complete: an address may be older than the draft. */
export function stepFor(wanted: Step | undefined, draft: Draft): Step {
  const at = steps.indexOf(wanted ?? "name");
  return steps.slice(0, at).find((s) => !isComplete(s, draft)) ?? wanted ?? "name";
}

export function stepAfter(step: Step): Step {
  return steps[steps.indexOf(step) + 1] ?? step;
}

export function stepBefore(step: Step): Step | undefined {
  return steps[steps.indexOf(step) - 1];
}

/** The draft with something else in it. Another account has other clusters. */
export function change(draft: Draft, what: Partial<Draft>): Draft {
  const next = { ...draft, ...what };
  if (next.region !== customRegion) {
    next.url = "";
    next.ca = "";
  }
  if (next.region !== draft.region || next.url !== draft.url || next.token !== draft.token || next.ca !== draft.ca) {
    next.clusters = undefined;
    next.cluster = "";
  }
  if (next.apiToken !== draft.apiToken) {
    next.clusters = undefined; // it is to be tried as well, and opens the same clusters
  }
  return next;
}

/** The draft once Sysdig told its clusters. A cluster that is not among them is no choice any more. */
export function withClusters(draft: Draft, { clusters, listedBy, refused = "" }: Pick<ClusterList, "clusters" | "listedBy" | "refused">): Draft {
  const keeps = clusters.length === 0 || clusters.includes(draft.cluster);
  return { ...draft, clusters, listedBy, refused, cluster: keeps ? draft.cluster : "" };
}

/** A draft for the next cluster of the same account. */
export function another({ region, url, token, ca, apiToken, clusters, listedBy, refused }: Draft): Draft {
  return { ...blank, region, url, token, ca, apiToken, clusters, listedBy, refused };
}

export type Field = "name" | "region" | "url" | "token" | "ca" | "apiToken" | "cluster" | "environment";

const fields: readonly Field[] = ["name", "region", "url", "token", "ca", "apiToken", "cluster", "environment"];

/** The field to correct after the server refused, if it named one. */
export function blamed(error: unknown): Field | undefined {
  if (!(error instanceof Problem) || error.until > 0) {
    return undefined; // where one has to wait, nothing is wrong but the time
  }
  return fields.find((f) => error.fields.includes(f));
}

/** The step a field is on. */
export function stepOf(field: Field): Step {
  switch (field) {
    case "name":
    case "cluster":
    case "environment":
      return field;
    default:
      return "account";
  }
}
