import { basePath } from "./client";
import { given } from "./query";
import type { paths } from "./schema";

/** What a list can be downloaded as, each the ending of its file. */
export const exportFormats = ["csv", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The operations that answer with a whole list as a file. */
export type ExportPath = Extract<keyof paths, `/api/v1/export/${string}` | `/api/v1/${string}/export`>;

interface Parts {
  /** What stands in the path's braces. */
  path?: Record<string, string>;
  /** The filters; what is undefined or empty is none. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
}

/** Where the list is downloaded, as what. */
export type ExportAddress = (format: ExportFormat) => string;

/** The address of a list's export. Cookies go with it, as with every link. */
export function exportOf(path: ExportPath, { path: named = {}, query = {} }: Parts = {}): ExportAddress {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(named[key] ?? ""));
  const filters = Object.entries(given(query)).filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0));
  return (format) => `${basePath}${place}?${new URLSearchParams([...filters.map(([key, value]) => [key, String(value)]), ["format", format]]).toString()}`;
}
