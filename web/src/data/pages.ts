import { useInfiniteQuery, type InfiniteData, type QueryKey, type UseInfiniteQueryOptions } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Page } from "./query";

type Options<T> = UseInfiniteQueryOptions<Page<T>, Error, InfiniteData<Page<T>>, QueryKey, string | undefined>;

export interface Rows<T> {
  /** What is loaded so far; undefined until the first part is there. */
  rows: T[] | undefined;
  error: Error | null;
  retry: () => Promise<unknown>;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/** A paged list as one list of rows. */
export function useRows<T>(options: Options<T>): Rows<T> {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(options);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  return {
    rows,
    // Rows that are there stay there when fetching them anew fails.
    error: rows ? null : error,
    retry: refetch,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => {
      if (!isFetchingNextPage) {
        void fetchNextPage();
      }
    },
  };
}

/** A list that came whole, in one answer, as one that might have come in parts. */
export function whole<T>(answer: { data: unknown; error: Error | null; refetch: () => Promise<unknown> }, rows: T[] | undefined): Rows<T> {
  return {
    rows,
    error: answer.data === undefined ? answer.error : null,
    retry: answer.refetch,
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => undefined,
  };
}
