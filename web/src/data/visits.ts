import { useState } from "react";
import { useSession } from "./session";

/** A visit is over when nobody looked for this long, in milliseconds. */
const over = 30 * 60_000;
/** People remembered on one browser. */
const most = 20;
const key = "crowsnest.visits";

/** Times of a person's looking, in milliseconds. */
export interface Visit {
  /** When the visit before this one was last noted; undefined on the first. */
  before?: number | undefined;
  latest: number;
}

/** The visit that looking at `now` belongs to: a new one if the last is over. */
export function visitAt(known: Visit | undefined, now: number): Visit {
  if (known === undefined || known.latest > now) {
    return { latest: now };
  }
  return now - known.latest > over ? { before: known.latest, latest: now } : { before: known.before, latest: now };
}

function isVisit(value: unknown): value is Visit {
  const isTime = (at: unknown) => typeof at === "number" && Number.isFinite(at);
  return typeof value === "object" && value !== null && "latest" in value && isTime(value.latest) && (!("before" in value) || value.before === undefined || isTime(value.before));
}

function read(): Map<string, Visit> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return new Map(typeof stored === "object" && stored !== null ? Object.entries(stored).filter((e): e is [string, Visit] => isVisit(e[1])) : []);
  } catch {
    return new Map();
  }
}

/** Notes that a person looks now, and answers with the visit. */
export function look(person: string, now: number): Visit {
  const all = read();
  const visit = visitAt(all.get(person), now);
  all.delete(person);
  all.set(person, visit);
  localStorage.setItem(key, JSON.stringify(Object.fromEntries([...all].slice(-most))));
  return visit;
}

/** When the person who is signed in last looked before this visit; the browser remembers it. */
export function useLastVisit(): string | undefined {
  const person = useSession()?.person?.id;
  const [visit] = useState(() => (person === undefined ? undefined : look(person, Date.now())));
  return visit?.before === undefined ? undefined : new Date(visit.before).toISOString();
}
