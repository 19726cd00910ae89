/**
 * Search parameters are text written by anyone: a shared link, an old bookmark. Each
 * reader below takes what it understands and forgets the rest.
 */

/** At most `max` characters of text; undefined if there is none. */
export function text(value: unknown, max = 256): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, max) : undefined;
}

export function choice<T extends string>(value: unknown, of: readonly T[]): T | undefined {
  return of.find((one) => one === value);
}

/** Several of the values, separated by commas; undefined if none is left. */
export function choices<T extends string>(value: unknown, of: readonly T[]): T[] | undefined {
  const wanted: unknown[] = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  const known = of.filter((one) => wanted.includes(one));
  return known.length > 0 ? known : undefined;
}

export function flag(value: unknown): true | undefined {
  return value === true || value === "true" ? true : undefined;
}

/** Reads a query into plain texts; the routes know what they mean. */
export function parseSearch(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** Writes search parameters so that people can read them: severity=critical,high. */
export function stringifySearch(search: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    const list = (Array.isArray(value) ? value : [value]).filter((v) => typeof v === "string" || typeof v === "number" || v === true);
    const written = list.map((v) => encodeURIComponent(String(v)).replaceAll("%3A", ":").replaceAll("%2F", "/")).join(",");
    if (written !== "") {
      parts.push(`${encodeURIComponent(key)}=${written}`);
    }
  }
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}
