import { queryOptions } from "@tanstack/react-query";
import { api, basePath, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Image = components["schemas"]["Image"];
export type Finding = components["schemas"]["Finding"];
export type InUse = Finding["inUse"];

export const inUseStates = ["in-use", "not-seen", "not-observed"] as const satisfies readonly InUse[];

export type Package = components["schemas"]["Package"];
export type Occurrence = components["schemas"]["Occurrence"];
export type Sbom = components["schemas"]["SBOM"];
export type Attestation = components["schemas"]["Attestation"];
export type ImageSort = "name" | "newest";

export interface ImageFilter {
  environment?: string | undefined;
  /** Only those of this one, by its whole name. */
  repository?: string | undefined;
  /** Part of the name, of a digest or of the distribution. */
  q?: string | undefined;
  sort?: ImageSort | undefined;
}

/** All images, or those that run in an environment. */
export function imagesQuery(filter: ImageFilter) {
  return pagesOf<Image>(["images", "list", filter], (cursor, signal) =>
    body(api.GET("/api/v1/images", { params: { query: given({ ...filter, limit: pageSize, cursor }) }, signal })),
  );
}

/** One image by any of its digests. */
export function imageQuery(digest: string) {
  return queryOptions({
    queryKey: ["images", "one", digest],
    queryFn: ({ signal }) => body(api.GET("/api/v1/images/{digest}", { params: { path: { digest } }, signal })),
  });
}

/** All findings of an image; what is in use is what is so in the environment, if one is given. */
export function findingsQuery(digest: string, environment?: string) {
  return queryOptions({
    queryKey: ["images", "findings", digest, { environment }],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/images/{digest}/findings", { params: { path: { digest }, query: given({ environment }) }, signal })),
    refetchInterval: false,
  });
}

export function packagesQuery(digest: string) {
  return queryOptions({
    queryKey: ["images", "packages", digest],
    queryFn: ({ signal }) => body(api.GET("/api/v1/images/{digest}/packages", { params: { path: { digest } }, signal })),
    // What is in an image never changes.
    staleTime: Infinity,
    refetchInterval: false,
  });
}

/** The schema has the values of its maps as mere texts. */
interface Usage {
  packages: Partial<Record<string, InUse>>;
  places: { environment: string; packages: Partial<Record<string, InUse>> }[];
}

/** What run time sees of each package of an image, in all places or one, and place by place. */
export function usageQuery(digest: string, environment: string | undefined) {
  return queryOptions({
    queryKey: ["images", "use", digest, { environment }],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/images/{digest}/in-use", { params: { path: { digest }, query: given({ environment }) }, signal }))) as Usage,
  });
}

/** The standards a bill of materials is written in. */
export const sbomFormats = ["spdx", "cyclonedx"] as const;

/** The address of an image's bill of materials. Cookies go with it, as with every link. */
export function sbomAddress(digest: string, format: (typeof sbomFormats)[number]): string {
  return `${basePath}/api/v1/images/${encodeURIComponent(digest)}/sbom?format=${format}`;
}

/** The address of all that is known of an image's packages. */
export function packagesAddress(digest: string): string {
  return `${basePath}/api/v1/images/${encodeURIComponent(digest)}/packages`;
}

/** What was attested of an image, and when that was last looked for. */
export function attestationsQuery(digest: string) {
  return queryOptions({
    queryKey: ["images", "attestations", digest],
    queryFn: ({ signal }) => body(api.GET("/api/v1/images/{digest}/attestations", { params: { path: { digest } }, signal })),
  });
}

/** The address of what an attestation states. */
export function attestationAddress(digest: string, attestation: string): string {
  return `${basePath}/api/v1/images/${encodeURIComponent(digest)}/attestations/${encodeURIComponent(attestation)}`;
}

/** Where an image runs and ran. */
export function imageOccurrencesQuery(digest: string) {
  return pagesOf<Occurrence>(["images", "occurrences", digest], (cursor, signal) =>
    body(api.GET("/api/v1/images/{digest}/occurrences", { params: { path: { digest }, query: given({ limit: pageSize, cursor }) }, signal })),
  );
}
