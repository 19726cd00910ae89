import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given } from "./query";
import type { components } from "./schema";

export type Recommendations = components["schemas"]["Recommendations"];
export type RankedBase = components["schemas"]["RankedBase"];
export type BaseReason = components["schemas"]["BaseReason"];
export type Upgrades = components["schemas"]["Upgrades"];
export type PackageUpgrade = components["schemas"]["PackageUpgrade"];

/** What to build an image on, and which packages to upgrade. */
export function recommendationsQuery(digest: string, environment?: string) {
  return queryOptions({
    // Under the images, as what is found in them and what is recommended change together.
    queryKey: ["images", "recommendations", digest, { environment }],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/images/{digest}/recommendations", { params: { path: { digest }, query: given({ environment }) }, signal })),
    refetchInterval: false,
  });
}

/** A base as a Dockerfile names it: by its tag and what that names now, so that the build does not change by itself. */
export function fromOf(base: { reference: string; pin?: string; digest: string }): string {
  return `${base.reference}@${base.pin ?? base.digest}`;
}
