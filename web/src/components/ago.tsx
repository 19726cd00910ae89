import { useSyncExternalStore } from "react";
import { serverNow } from "@/data/clock";
import { useFormat } from "@/i18n/format";

// One clock for the page, so that all ages change together.
const step = 15_000;
const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  if (timer === undefined) {
    now = serverNow();
    timer = setInterval(() => {
      now = serverNow();
      listeners.forEach((l) => {
        l();
      });
    }, step);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, in steps of some seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A time as its distance from now; the exact one shows on hover and in print. */
export function Ago({ at }: { at: string }) {
  const format = useFormat();
  const moment = new Date(at);
  // What the server wrote a moment ago may be ahead of the clock's last step.
  const current = Math.max(useNow(), Math.min(moment.getTime(), now + step));
  return (
    <time dateTime={at} title={format.moment(moment)}>
      {format.relative(moment, new Date(current))}
    </time>
  );
}
