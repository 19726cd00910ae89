import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, basePath, body } from "./client";
import { given } from "./query";
import { Problem } from "./problem";
import type { components } from "./schema";

export { basePath };

/** Where this server is, as the browser knows it, without a slash at the end. */
export const serverAddress = new URL(basePath === "" ? "/" : basePath, document.baseURI).href.replace(/\/$/, "");

export type AdvisoryStatus = components["schemas"]["AdvisoryStatus"];

export const versionQuery = queryOptions({
  queryKey: ["version"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/version", { signal })),
  staleTime: Infinity,
  refetchInterval: false,
});

export const advisoriesQuery = queryOptions({
  queryKey: ["advisories"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/advisories", { signal })),
});

/** Has the update of a feed tried now. It is queued: its status tells when it ended. */
export function useRetryUpdate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ feed, ecosystem }: AdvisoryStatus) => body(api.POST("/api/v1/advisories/retry", { body: { feed, ...given({ ecosystem }) } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["advisories"] }),
  });
}

/** How people call what a status is of: an ecosystem, KEV or EPSS. */
export function feedName(a: AdvisoryStatus): string {
  return a.feed === "osv" ? a.ecosystem : a.feed.toUpperCase();
}

/** Of which ecosystems advisories are held. */
export function heldEcosystems(list: readonly AdvisoryStatus[]): string[] {
  return list.filter((a) => a.feed === "osv" && a.imported !== undefined).map((a) => a.ecosystem);
}

export interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

export interface Licences {
  /** Of the dashboard. */
  packages: Licence[];
  /** Of the program that serves it. */
  modules: Licence[];
}

interface LicencesFile {
  texts: string[];
  packages: (Omit<Licence, "text"> & { text: number })[];
  modules: (Omit<Licence, "text"> & { text: number })[];
}

/** The licences of what this is made of; the build writes them beside the bundle, each text once. */
export const licencesQuery = queryOptions({
  queryKey: ["licences"],
  queryFn: async ({ signal }) => {
    const answer = await fetch(`${basePath}/licences.json`, { signal });
    if (!answer.ok) {
      throw new Problem(answer.status, "");
    }
    const file = (await answer.json()) as LicencesFile;
    const full = (list: LicencesFile["packages"]): Licence[] => list.map((p) => ({ ...p, text: file.texts[p.text] ?? "" }));
    return { packages: full(file.packages), modules: full(file.modules) } satisfies Licences;
  },
  staleTime: Infinity,
  refetchInterval: false,
});
