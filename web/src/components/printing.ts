import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

let printing = false;
const listeners = new Set<() => void>();

function set(value: boolean) {
  printing = value;
  // The browser takes the page as it is when the event handler returns.
  flushSync(() => {
    listeners.forEach((listener) => {
      listener();
    });
  });
}

addEventListener("beforeprint", () => {
  set(true);
});
addEventListener("afterprint", () => {
  set(false);
});

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the page is being printed, when all of it must be in the document. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => printing);
}
