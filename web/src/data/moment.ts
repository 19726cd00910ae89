const dayMs = 86_400_000;

/** A moment as addresses and the API write it: UTC, whole seconds. */
export function written(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Reads such a moment; undefined for what is none. */
export function moment(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) {
    return undefined;
  }
  const at = new Date(text);
  // There is no 31 February, and some engines make a March of it.
  return !Number.isNaN(at.getTime()) && written(at) === text ? at : undefined;
}

/** A moment in the calendar of this machine, as a field for date and time holds it. */
export function toField(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The moment such a field names; undefined while it is not filled in. */
export function fromField(value: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value)) {
    return undefined;
  }
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** How many days lie between two moments, as a number with a fraction; never less than none. */
export function daysBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / dayMs);
}

/** The moment some days, of 24 hours each, before another. */
export function daysBefore(at: Date, days: number): Date {
  return new Date(at.getTime() - days * dayMs);
}
