import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given } from "./query";
import type { components } from "./schema";

export type Overview = components["schemas"]["Overview"];
export type News = components["schemas"]["News"];
export type TopVulnerability = components["schemas"]["TopVulnerability"];
export type TopImage = components["schemas"]["TopImage"];

/** Everything summed up, or one environment; new is what happened since a time, or since a day ago. */
export function overviewQuery(environment?: string, since?: string) {
  return queryOptions({
    queryKey: ["overview", { environment, since }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/overview", { params: { query: given({ environment, since }) }, signal })),
  });
}

/** How many findings were opened, whatever the cause. */
export function opened(news: News): number {
  return Object.values(news.findingsOpened).reduce((sum, n) => sum + n, 0);
}

/** The classes of what is missing that there is advice for; others lead to the list with the reasons. */
const classes = ["unresolved", "waiting", "unauthorized", "forbidden", "not found", "too large", "corrupt", "unavailable", "rate limited", "unsupported"] as const;

export type MissingClass = (typeof classes)[number] | "other";

export function missingClass(name: string): MissingClass {
  return classes.find((known) => known === name) ?? "other";
}
