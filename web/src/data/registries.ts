import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";

/** The registries and repositories that the organisation runs images from; an empty list compares nothing. */
export const registriesQuery = queryOptions({
  queryKey: ["registries"],
  queryFn: async ({ signal }) => (await body(api.GET("/api/v1/settings/registries", { signal }))).registries,
});

/** How what runs in an environment compares with the list. */
export function registryCheckQuery(name: string) {
  return queryOptions({
    queryKey: ["environments", "registries", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/environments/{name}/registries", { params: { path: { name } }, signal })),
  });
}

/** Replaces the list; what runs is then compared anew. */
export function useSetRegistries() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (registries: string[]) => (await body(api.PUT("/api/v1/settings/registries", { body: { registries } }))).registries,
    onSuccess: (registries) => {
      client.setQueryData(registriesQuery.queryKey, registries);
      return Promise.all(["environments", "coverage", "images"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
}
