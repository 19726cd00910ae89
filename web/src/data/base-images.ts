import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type BaseImage = components["schemas"]["BaseImage"];

export interface BaseImageFilter {
  environment?: string | undefined;
  q?: string | undefined;
}

/** What images are built on, the one with most images first. */
export function baseImagesQuery({ environment, q }: BaseImageFilter) {
  return pagesOf<BaseImage>(["images", "bases", { environment, q }], (cursor, signal) =>
    body(api.GET("/api/v1/base-images", { params: { query: given({ environment, q, limit: pageSize, cursor }) }, signal })),
  );
}
