import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useDestinations } from "./navigation";

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The key that makes a letter a command on this machine, as people write it. */
export const commandKey = isApple ? "⌘" : "Ctrl";

/** How long after "g" its second key counts, in milliseconds between the presses: a page that is busy may hear of them later. */
const sequenceTime = 1500;

interface Actions {
  palette: () => void;
  help: () => void;
  navigation: () => void;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Moves the focus among the links of the rows on the page. */
function moveInRows(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>("main a[data-row]")];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = at < 0 ? links[by > 0 ? 0 : links.length - 1] : links[at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** The keys that work everywhere, unless someone types or a dialog is open. */
export function useShortcuts(actions: Actions): void {
  const navigate = useNavigate();
  const destinations = useDestinations();
  const latest = useRef({ ...actions, destinations });
  useEffect(() => {
    latest.current = { ...actions, destinations };
  });
  useEffect(() => {
    let sequence = 0; // until when a key belongs to "g", in the time of events
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        latest.current.palette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("[role=dialog]")) {
        return;
      }
      if (event.timeStamp < sequence) {
        sequence = 0;
        const destination = latest.current.destinations.find((d) => d.key === event.key);
        if (destination) {
          event.preventDefault();
          void navigate({ to: destination.to });
          return;
        }
      }
      switch (event.key) {
        case "g":
          sequence = event.timeStamp + sequenceTime;
          return;
        case "?":
          latest.current.help();
          break;
        case "[":
          latest.current.navigation();
          break;
        case "/": {
          const search = document.querySelector<HTMLInputElement>("main [data-search]");
          if (!search) {
            return;
          }
          search.focus();
          break;
        }
        case "j":
          moveInRows(1);
          break;
        case "k":
          moveInRows(-1);
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
    };
  }, [navigate]);
}
