import { useState } from "react";

/** Which rows of a list are open to what stands below them, by their keys; `first` are open until somebody closes them. */
export function useOpenRows(first: "closed" | "open" = "closed") {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  return {
    isOpen: (key: string) => toggled.has(key) !== (first === "open"),
    toggle: (key: string) => {
      const next = new Set(toggled);
      if (!next.delete(key)) {
        next.add(key);
      }
      setToggled(next);
    },
  };
}
