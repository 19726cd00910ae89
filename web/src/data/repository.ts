import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

/** One repository by its whole name, whether its registry is connected or not. */
export type KnownRepository = components["schemas"]["KnownRepository"];
/** What a tag names, or named until then. */
export type TagInterval = components["schemas"]["TagInterval"];

/** A repository as the address of its page has it. */
export interface Place {
  host: string;
  _splat?: string | undefined;
}

export function placeOf(name: string): Place {
  const slash = name.indexOf("/");
  return { host: name.slice(0, slash), _splat: name.slice(slash + 1) };
}

export function nameOf({ host, _splat = "" }: Place): string {
  return `${host}/${_splat}`;
}

export function repositoryQuery(name: string) {
  return queryOptions({
    queryKey: ["repositories", "one", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/repository", { params: { query: { name } }, signal })),
  });
}

/** What the tags of a repository name, what was tagged last first; with `past` also what they named before. */
export function tagsQuery(name: string, past = false) {
  return pagesOf<TagInterval>(["repositories", "tags", name, { past }], (cursor, signal) =>
    body(api.GET("/api/v1/repository/tags", { params: { query: given({ name, limit: pageSize, cursor, past: past ? true : undefined }) as { name: string } }, signal })),
  );
}
