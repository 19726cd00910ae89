/** A piece of time: from when until when, or until now. */
export interface Piece {
  since: string;
  until: string | null;
}

/** Where a piece lies, in percent of the whole. */
export interface Place {
  start: number;
  length: number;
  /** Whether it began before the whole does. */
  cut: boolean;
}

/** The least a piece takes, in percent, so that an hour of a year can be seen. */
export const least = 0.75;

/** Lays pieces of time out between two moments; undefined for those that lie outside. */
export function layOut(pieces: readonly Piece[], from: number, to: number): (Place | undefined)[] {
  const whole = Math.max(1, to - from);
  return pieces.map(({ since, until }) => {
    const began = new Date(since).getTime();
    const ended = until === null ? to : new Date(until).getTime();
    if (ended < from || began > to) {
      return undefined;
    }
    const start = (Math.max(from, began) - from) / whole;
    const end = (Math.min(to, ended) - from) / whole;
    const length = Math.max(least, (end - start) * 100);
    return { start: Math.min(start * 100, 100 - length), length, cut: began < from };
  });
}

/** The least a timeline shows, in milliseconds. */
const hour = 3_600_000;

/** From when a timeline of these pieces should begin: with the first, with a margin, and at least an hour before its end. */
export function beginOf(pieces: readonly Piece[], to: number): number {
  const first = Math.min(to, ...pieces.map((p) => new Date(p.since).getTime()));
  return Math.min(first - (to - first) * 0.04, to - hour);
}
