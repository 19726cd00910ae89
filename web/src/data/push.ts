import { queryOptions, useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { pollEvery } from "./events";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import { serverAddress } from "./system";
import type { Hook } from "./integrations";
import { useTask } from "./task";

/** A connected registry: what is pushed there is analysed. Not to be taken for the known registries. */
export type Registry = components["schemas"]["RegistryIntegration"];
export type RegistryKind = components["schemas"]["RegistryKind"];
export type RegistryTrial = components["schemas"]["RegistryTrial"];
export type Repository = components["schemas"]["Repository"];
export type RepositoryScope = components["schemas"]["RepositoryScope"];
export type Backfill = components["schemas"]["Backfill"];
export type Lane = components["schemas"]["Lane"];

export const connectedRegistriesQuery = queryOptions({
  queryKey: ["repositories", "registries"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/registries", { signal })),
  // The first listing takes seconds; who waits for it should see its end.
  refetchInterval: (query) => (query.state.data?.some((r) => r.state === "pending") ? pollEvery(2_000) : false),
});

export function registryQuery(name: string) {
  return queryOptions({
    queryKey: ["repositories", "registry", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/registries/{name}", { params: { path: { name } }, signal })),
    // A look takes seconds; who waits for one should see its end.
    refetchInterval: () => pollEvery(5_000),
  });
}

/** What goes if a registry is disconnected, and what stays. */
export function registryImpactQuery(name: string) {
  return queryOptions({
    queryKey: ["repositories", "impact", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/registries/{name}/impact", { params: { path: { name } }, signal })),
    staleTime: 0,
  });
}

export const registryKindsQuery = queryOptions({
  queryKey: ["registry-kinds"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/registry-kinds", { signal })),
  staleTime: Infinity,
  refetchInterval: false,
});

export const enablings = ["enabled", "disabled"] as const;

export interface RepositoryFilter {
  registry?: string | undefined;
  state?: (typeof enablings)[number] | undefined;
  q?: string | undefined;
}

export function repositoriesQuery(filter: RepositoryFilter) {
  return pagesOf<Repository>(["repositories", "list", filter], (cursor, signal) =>
    body(api.GET("/api/v1/repositories", { params: { query: given({ limit: pageSize, cursor, ...filter }) }, signal })),
  );
}

export const lanesQuery = queryOptions({
  queryKey: ["analyses", "lanes"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/analysis-lanes", { signal })),
});

/** What filling up would analyse now. */
export function backfillQuery(scope: RepositoryScope) {
  return queryOptions({
    queryKey: ["repositories", "backfill", scope],
    queryFn: ({ signal }) => body(api.POST("/api/v1/repositories/backfill/preview", { body: scope, signal })),
    staleTime: 0,
  });
}

/** What is typed to reach a registry. The secret lives in the page that asks for it and nowhere else. */
export interface Connection {
  kind: string;
  host: string;
  namespace: string;
  api: string;
  username: string;
  secret: string;
  /** Sign in as who the server is in its cloud, in place of a user and a password. */
  identity: boolean;
  ca: string;
  repositories: string;
  include: string;
  exclude: string;
}

/** A list as people type it: a line for each, or commas between. */
export function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

function connectionOf(c: Connection) {
  const { kind, host, namespace, api: address, ca } = c;
  const { username, secret } = c.identity ? { username: "", secret: "" } : c;
  const lists = { repositories: listOf(c.repositories), include: listOf(c.include), exclude: listOf(c.exclude) };
  return { kind, ...given({ host: host.trim(), namespace: namespace.trim(), api: address.trim(), username: username.trim(), secret: secret.trim(), ca: ca.trim(), identity: c.identity || undefined }), ...lists };
}

/** Asks a registry for its repositories; nothing is saved. */
export async function testRegistry(connection: Connection): Promise<RegistryTrial> {
  return body(api.POST("/api/v1/registries/test", { body: connectionOf(connection) }));
}

/** Connects a registry; nothing is saved unless it answers. */
export async function connectRegistry(connection: Connection, about: { name: string; enable: string }): Promise<Registry> {
  return body(api.POST("/api/v1/registries", { body: { ...connectionOf(connection), name: about.name, enable: listOf(about.enable) } }));
}

export type RegistryChange = components["schemas"]["RegistryIntegrationChange"];

/** Changes what is given, credentials for example; nothing is saved unless the registry answers. */
export async function changeRegistry(name: string, what: RegistryChange): Promise<Registry> {
  return body(api.PATCH("/api/v1/registries/{name}", { params: { path: { name } }, body: what }));
}

/** Pauses a registry, or resumes it. */
export function usePauseRegistry(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (paused: boolean) => changeRegistry(name, { paused }),
    onSuccess: () => {
      forgetRepositories(client);
    },
  });
}

/** Has everything asked for again that hangs from connected registries. */
export function forgetRepositories(client: QueryClient): void {
  for (const key of ["repositories", "analyses", "coverage", "environments"]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}

/** Enables or disables repositories; the answer is how many changed. */
export function useEnable() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ enable, ...scope }: RepositoryScope & { enable: boolean }) =>
      (await body(api.POST(enable ? "/api/v1/repositories/enable" : "/api/v1/repositories/disable", { body: scope }))).changed,
    onSuccess: () => {
      forgetRepositories(client);
    },
  });
}

export function useBackfill() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (scope: RepositoryScope) => body(api.POST("/api/v1/repositories/backfill", { body: scope })),
    onSuccess: () => {
      forgetRepositories(client);
    },
  });
}

export function useDisconnect() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => body(api.DELETE("/api/v1/registries/{name}", { params: { path: { name } } })),
    onSuccess: (_, name) => {
      client.removeQueries({ queryKey: ["repositories", "registry", name] });
      client.removeQueries({ queryKey: ["repositories", "impact", name] });
      forgetRepositories(client);
    },
  });
}

/** Ends the webhook of a registry. */
export function useDeleteRegistryHook(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/registries/{name}/hook", { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["repositories"] }),
  });
}

/** Makes the webhook of a registry, in place of one that may be there. Its secret comes this once, so nothing may keep it. */
export function useCreateRegistryHook(name: string) {
  const client = useQueryClient();
  const task = useTask<Hook>();
  const run = (then: (hook: Hook) => void) =>
    task.run(
      () => body(api.POST("/api/v1/registries/{name}/hook", { params: { path: { name } } })),
      (hook) => {
        void client.invalidateQueries({ queryKey: ["repositories"] });
        // A server that was not told its public address knows the path alone.
        then({ ...hook, url: new URL(hook.url, serverAddress).href });
      },
    );
  return { task, run };
}
