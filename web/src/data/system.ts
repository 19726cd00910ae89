import { queryOptions } from "@tanstack/react-query";
import { api, basePath, body } from "./client";
import { Problem } from "./problem";
import type { components } from "./schema";

export { basePath };

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

export interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

/** The licences of the packages in this bundle; the build writes them beside it. */
export const licencesQuery = queryOptions({
  queryKey: ["licences"],
  queryFn: async ({ signal }) => {
    const answer = await fetch(`${basePath}/licences.json`, { signal });
    if (!answer.ok) {
      throw new Problem(answer.status, "");
    }
    return (await answer.json()) as Licence[];
  },
  staleTime: Infinity,
  refetchInterval: false,
});
