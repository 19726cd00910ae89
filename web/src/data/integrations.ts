import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { pollEvery } from "./events";
import { Problem } from "./problem";
import { given } from "./query";
import type { components } from "./schema";
import { serverAddress } from "./system";
import { useTask } from "./task";

export type Integration = components["schemas"]["Integration"];
export type IntegrationChange = components["schemas"]["IntegrationChange"];
export type Hook = components["schemas"]["Hook"];
export type Impact = components["schemas"]["Impact"];
export type ClusterList = components["schemas"]["Clusters"];
export type Region = components["schemas"]["Region"];

/** The region that has no address of its own. */
export const customRegion = "custom";

/** What a call to Sysdig needs. The token lives in the page that asks for it and nowhere else. */
export interface Account {
  region: string;
  url: string;
  token: string;
  /** Certificates in PEM form, for an address of one's own; empty for none. */
  ca: string;
  /** The second token, for the names of images; empty for none. */
  apiToken: string;
}

export const integrationsQuery = queryOptions({
  queryKey: ["integrations", "list"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/integrations", { signal })),
});

export function integrationQuery(name: string) {
  return queryOptions({
    queryKey: ["integrations", "one", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/integrations/{name}", { params: { path: { name } }, signal })),
    // A sweep takes seconds; who waits for one should see its end.
    refetchInterval: () => pollEvery(5_000),
  });
}

export const regionsQuery = queryOptions({
  queryKey: ["regions"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/sysdig/regions", { signal })),
  staleTime: Infinity,
  refetchInterval: false,
});

/** What leaves the environment if the integration is deleted or, with a change, moved or pointed at another cluster. */
export function impactQuery(name: string, { environment, cluster }: Pick<IntegrationChange, "environment" | "cluster"> = {}) {
  return queryOptions({
    queryKey: ["integrations", "impact", name, { environment, cluster }],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/integrations/{name}/impact", { params: { path: { name }, query: given({ environment, cluster }) }, signal })),
    staleTime: 0,
  });
}

// The calls that carry a secret are no mutations: the cache would keep what they were called with.

/** Asks Sysdig for the names of its clusters, which shows whether region and tokens are right. */
export async function listClusters({ region, url, token, ca, apiToken }: Account): Promise<ClusterList> {
  return body(api.POST("/api/v1/sysdig/clusters", { body: { region, token: token.trim(), ...given({ url: url.trim(), ca: ca.trim(), apiToken: apiToken.trim() }) } }));
}

/** Whether a cluster was refused because nothing runs there, as far as Sysdig tells. */
export function isEmptyCluster(error: unknown): boolean {
  return error instanceof Problem && error.fields.includes("allowEmpty");
}

/** Connects a cluster; nothing is saved unless Sysdig answers. */
export async function connect(account: Account, about: { name: string; cluster: string; environment: string; analyse: boolean; allowEmpty: boolean }): Promise<Integration> {
  const { region, url, token, ca, apiToken } = account;
  return body(api.POST("/api/v1/integrations", { body: { kind: "sysdig", ...about, region, token: token.trim(), ...given({ url: url.trim(), ca: ca.trim(), apiToken: apiToken.trim() }) } }));
}

/** Changes what is given. */
export async function change(name: string, what: IntegrationChange): Promise<Integration> {
  return body(api.PATCH("/api/v1/integrations/{name}", { params: { path: { name } }, body: what }));
}

/** Asks for a sweep of an integration now. It is queued: the integration tells when it ended. */
export function useSync() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => body(api.POST("/api/v1/integrations/{name}/sync", { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

/** Stops and starts the sweeps. */
export function usePause(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (paused: boolean) => change(name, { paused }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

export function useDelete() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => body(api.DELETE("/api/v1/integrations/{name}", { params: { path: { name } } })),
    onSuccess: (_, name) => {
      client.removeQueries({ queryKey: ["integrations", "one", name] });
      client.removeQueries({ queryKey: ["integrations", "impact", name] });
      forgetWhatRuns(client);
    },
  });
}

/** Where the webhook of an integration is called. */
export function hookAddress(name: string): string {
  return `${serverAddress}/api/v1/hooks/${encodeURIComponent(name)}`;
}

/** Makes a webhook, in place of one that may be there. Its secret comes this once, so nothing may keep it. */
export function useCreateHook(name: string) {
  const client = useQueryClient();
  const task = useTask<Hook>();
  const run = (then: (hook: Hook) => void) =>
    task.run(
      () => body(api.POST("/api/v1/integrations/{name}/hook", { params: { path: { name } } })),
      (hook) => {
        void client.invalidateQueries({ queryKey: ["integrations"] });
        // A server that was not told its public address knows the path alone.
        then({ ...hook, url: new URL(hook.url, serverAddress).href });
      },
    );
  return { task, run };
}

export function useDeleteHook(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/integrations/{name}/hook", { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

/** Has everything asked for again that says what runs where. */
export function forgetWhatRuns(client: ReturnType<typeof useQueryClient>): void {
  for (const key of ["integrations", "coverage", "environments", "images", "vulnerabilities", "overview"]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}
