import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { basePath } from "./client";

/** What the server tells changes of. */
const resources = ["advisories", "analyses", "decisions", "environments", "images", "integrations", "policies", "repositories"] as const;
type Resource = (typeof resources)[number];

/** The first part of the keys of what shows a resource. */
const shownBy: Record<Resource, readonly string[]> = {
  // New advisories make new findings in images that stay the same.
  advisories: ["advisories", "images", "vulnerabilities", "environments", "packages", "overview", "exposure", "compare", "policies", "decisions"],
  analyses: ["analyses"],
  decisions: ["decisions"],
  environments: ["environments", "coverage", "images", "vulnerabilities", "overview", "exposure", "compare", "policies", "decisions"],
  images: ["images", "environments", "coverage", "vulnerabilities", "packages", "overview", "exposure", "compare", "policies", "decisions"],
  integrations: ["integrations", "coverage", "overview"],
  policies: ["policies"],
  repositories: ["repositories", "coverage"],
};

/** What to ask for again when these resources changed; resources of newer servers are passed over. */
export function keysOf(changed: readonly string[]): Set<string> {
  return new Set(resources.filter((r) => changed.includes(r)).flatMap((r) => shownBy[r]));
}

const firstWait = 1_000;
const longestWait = 60_000;
/** Changes that come close together are shown together, in milliseconds. */
const gathering = 1_500;
/** Parts of a list that are worth fetching again unasked. */
const fewParts = 3;

let open = false;

/**
 * How often to ask for what someone waits for: `often` without a stream of changes, and
 * with one only in case it is silent for a reason of its own. In milliseconds.
 */
export function pollEvery(often: number): number {
  return open ? Math.max(often, 30_000) : often;
}

function namesIn(data: unknown): string[] {
  try {
    const event = JSON.parse(String(data)) as { resources?: unknown };
    return Array.isArray(event.resources) ? event.resources.filter((r) => typeof r === "string") : [];
  } catch {
    return [];
  }
}

/**
 * Listens to the server's changes and has what they concern asked for again, until the
 * answer is called. A hidden tab does not listen: browsers grant a server few connections.
 * Where no stream can be opened, pages go on asking at their own pace.
 */
export function follow(client: QueryClient): () => void {
  const address = `${basePath}/api/v1/events`;
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let flush: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let missed = false; // whether there was a time without a stream in which things may have changed
  const waiting = new Set<string>();

  const show = () => {
    flush = undefined;
    const concerns = (key: QueryKey) => waiting.has(String(key[0]));
    const isLong = (data: unknown) => typeof data === "object" && data !== null && "pages" in data && (data.pages as unknown[]).length > fewParts;
    const wanted = client.getQueryCache().findAll({ predicate: (q) => concerns(q.queryKey) });
    waiting.clear();
    for (const { queryKey, state } of wanted) {
      void client.invalidateQueries({ queryKey, exact: true, refetchType: isLong(state.data) ? "none" : "active" });
    }
  };
  const changed = (data: unknown) => {
    keysOf(namesIn(data)).forEach((key) => waiting.add(key));
    flush ??= setTimeout(show, gathering);
  };
  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
    open = false;
  };
  const listen = () => {
    close();
    const stream = new EventSource(address);
    source = stream;
    stream.addEventListener("ready", (event) => {
      open = true;
      failures = 0;
      if (missed) {
        changed(event.data);
      }
      missed = true;
    });
    stream.addEventListener("changed", (event) => {
      changed(event.data);
    });
    stream.addEventListener("error", () => {
      // The browser's own attempts know no back-off, and none at all after a refusal.
      close();
      const wait = Math.min(firstWait * 2 ** failures, longestWait);
      failures++;
      // Not all at once after a restart.
      retry = setTimeout(listen, wait * (0.75 + Math.random() / 2));
    });
  };
  const look = () => {
    if (document.visibilityState === "hidden") {
      close();
    } else if (source === undefined) {
      listen();
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    clearTimeout(flush);
    close();
  };
}

/** Follows the server's changes while the frame is shown: one stream for each tab. */
export function useChanges(): void {
  const client = useQueryClient();
  useEffect(() => follow(client), [client]);
}
