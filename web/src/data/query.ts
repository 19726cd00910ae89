import { infiniteQueryOptions, QueryClient, type QueryKey } from "@tanstack/react-query";
import { kindOf } from "./problem";

/** Rows of one page of a list; enough that scrolling rarely waits. */
export const pageSize = 50;

/** How old what is shown may get while a page is open, in milliseconds. */
const freshFor = 30_000;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: freshFor,
        refetchInterval: 2 * freshFor,
        // What the server refuses it refuses again.
        retry: (count, error) => count < 2 && ["unreachable", "broken"].includes(kindOf(error)),
        retryDelay: (count) => 300 * 2 ** count,
      },
    },
  });
}

export interface Page<T> {
  items: T[];
  next?: string;
}

/** A list that is fetched part by part, each from the cursor of the one before. */
export function pagesOf<T>(queryKey: QueryKey, fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    // Fetching every loaded part again each minute would cost more than it tells.
    refetchInterval: false,
  });
}

/** Leaves out what is undefined: exact optional types tell "absent" from "undefined". */
export function given<T extends object>(query: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined && v !== "")) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
