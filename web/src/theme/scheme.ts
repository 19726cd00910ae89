import { useSyncExternalStore } from "react";

/** Light, dark, or as the system is. */
export type Scheme = "auto" | "light" | "dark";

const key = "crowsnest.scheme"; // public/boot.js reads it too
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function read(): Scheme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

let chosen = read();

function computed(): "light" | "dark" {
  if (chosen !== "auto") {
    return chosen;
  }
  return system.matches ? "dark" : "light";
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

export function chooseScheme(scheme: Scheme): void {
  chosen = scheme;
  localStorage.setItem(key, scheme);
  for (const listener of listeners) {
    listener();
  }
}

/** What was chosen, and the theme that follows from it. Mantine's own manager is not used: it adds an inline style. */
export function useScheme(): { chosen: Scheme; shown: "light" | "dark" } {
  return {
    chosen: useSyncExternalStore(subscribe, () => chosen),
    shown: useSyncExternalStore(subscribe, computed),
  };
}
