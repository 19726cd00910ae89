/** How far the server's clock is ahead of the one here, in milliseconds. */
let ahead = 0;

/** Learns the server's time from the Date of one of its answers; other texts tell nothing. */
export function noteServerTime(date: string | null): void {
  const from = Date.parse(date ?? "");
  if (Number.isNaN(from)) {
    return;
  }
  // It is told in whole seconds: within the one that is told, what is known already is as good.
  const told = Math.min(Math.max(serverNow(), from), from + 999);
  ahead = told - Date.now();
}

/** What the server's clock shows now, in milliseconds since 1970, however wrong the one here is. */
export function serverNow(): number {
  return Date.now() + ahead;
}
