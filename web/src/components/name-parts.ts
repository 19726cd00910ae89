export interface NameParts {
  /** Registry and path before the last part, with the slash. */
  place: string;
  base: string;
  /** The tag or digest, with its sign. */
  tag: string;
}

/** Takes an image's name apart. A port is no tag: only what follows the last slash can hold one. */
export function splitName(name: string): NameParts {
  const slash = name.lastIndexOf("/", name.includes("@") ? name.indexOf("@") : undefined) + 1;
  const last = name.slice(slash);
  const mark = last.search(/[:@]/);
  return {
    place: name.slice(0, slash),
    base: mark < 0 ? last : last.slice(0, mark),
    tag: mark < 0 ? "" : last.slice(mark),
  };
}

/** The first twelve digits, which name an image well enough for people and for the API. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1, digest.indexOf(":") + 13);
}

/** The repository in the name of an image of a registry; undefined for files and digests. */
export function repositoryOf(name: string): string | undefined {
  const { place, base, tag } = splitName(name);
  const host = place.slice(0, place.indexOf("/"));
  return tag !== "" && base !== "" && (/[.:]/.test(host) || host === "localhost") ? place + base : undefined;
}
