import { useEffect, useSyncExternalStore } from "react";

/** A thing whose page was opened. */
export type Recent =
  | { kind: "image"; digest: string; name: string }
  | { kind: "package"; type: string; name: string }
  | { kind: "vulnerability"; id: string }
  | { kind: "environment"; name: string }
  | { kind: "policy"; name: string }
  | { kind: "repository"; name: string };

/** As many as are looked over at a glance. */
const most = 8;
const key = "crowsnest.recents";

export function keyOf(r: Recent): string {
  switch (r.kind) {
    case "image":
      return `image ${r.digest}`;
    case "package":
      return `package ${r.type} ${r.name}`;
    case "vulnerability":
      return `vulnerability ${r.id}`;
    case "environment":
    case "policy":
    case "repository":
      return `${r.kind} ${r.name}`;
  }
}

const parts = { image: ["digest", "name"], package: ["type", "name"], vulnerability: ["id"], environment: ["name"], policy: ["name"], repository: ["name"] } as const;

function isRecent(value: unknown): value is Recent {
  if (typeof value !== "object" || value === null || !("kind" in value)) {
    return false;
  }
  const wanted = Object.entries(parts).find(([kind]) => kind === value.kind)?.[1];
  return wanted?.every((part) => typeof (value as Record<string, unknown>)[part] === "string") ?? false;
}

/** Reads a list that this or another version stored; what it does not understand is forgotten. */
export function parse(stored: string | null): Recent[] {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(list) ? list.filter(isRecent).slice(0, most) : [];
  } catch {
    return [];
  }
}

/** The list with a thing at its head, where it was before or not. */
export function withFirst(list: readonly Recent[], first: Recent): Recent[] {
  return [first, ...list.filter((r) => keyOf(r) !== keyOf(first))].slice(0, most);
}

let recents = parse(localStorage.getItem(key));
const listeners = new Set<() => void>();

function set(list: Recent[]): void {
  recents = list;
  localStorage.setItem(key, JSON.stringify(list));
  listeners.forEach((listener) => {
    listener();
  });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was opened last, newest first. */
export function useRecents(): readonly Recent[] {
  return useSyncExternalStore(subscribe, () => recents);
}

/** Names say what an organisation runs: they must not be left to who signs in next. */
export function forgetRecents(): void {
  recents = [];
  localStorage.removeItem(key);
  listeners.forEach((listener) => {
    listener();
  });
}

/** Notes that there is no such thing any more, so that nothing leads to it. */
export function forgetRecent(thing: Recent): void {
  set(recents.filter((r) => keyOf(r) !== keyOf(thing)));
}

/** Notes that the page of a thing is open; undefined while it is not known that there is one. */
export function useRemember(thing: Recent | undefined): void {
  const id = thing && keyOf(thing);
  useEffect(() => {
    if (thing) {
      set(withFirst(recents, thing));
    }
    // The same thing is a new object each time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
}
