import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Coverage = components["schemas"]["Coverage"];
export type Gap = components["schemas"]["Gap"];

/**
 * What is known of everything that runs, and of each environment in which something runs. Those in which nothing does are apart
 * from them: their integrations say why, and with the first container they are among the others.
 */
export const coverageQuery = queryOptions({
  queryKey: ["coverage"],
  queryFn: async ({ signal }) => {
    const report = await body(api.GET("/api/v1/coverage", { signal }));
    return {
      ...report,
      environments: report.environments.filter((e) => e.coverage.running > 0),
      idle: report.environments.filter((e) => e.coverage.running === 0),
    };
  },
});

/** The running images that are not analysed, each with the reason. */
export function gapsQuery(environment?: string) {
  return pagesOf<Gap>(["coverage", "gaps", { environment }], (cursor, signal) =>
    body(api.GET("/api/v1/coverage/gaps", { params: { query: given({ environment, limit: pageSize, cursor }) }, signal })),
  );
}

/** The names of all environments in which something runs, for selectors; empty until they are known. */
export function useEnvironmentNames(): string[] {
  const { data } = useQuery(coverageQuery);
  return data?.environments.map((e) => e.name) ?? [];
}
