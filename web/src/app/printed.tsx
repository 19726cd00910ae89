import { useRouterState } from "@tanstack/react-router";
import { useNow } from "@/components/ago";
import { useSession } from "@/data/session";
import { useFormat } from "@/i18n/format";
import classes from "./shell.module.css";

/** What of an address says which part of a page shows, which its heads say on paper. */
const parts = ["tab", "why"];

/** On paper: whose page it is, of when, and what narrows it, which on the screen the frame and the filters say. */
export function Printed() {
  const format = useFormat();
  const organisation = useSession()?.organisation.name;
  const now = useNow();
  const search = useRouterState({ select: (s) => s.location.search as Record<string, unknown> });
  const filters = Object.entries(search)
    .filter(([name, value]) => value !== undefined && !parts.includes(name))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`);
  return <p className={classes.printed}>{[organisation, format.moment(new Date(now)), ...filters].filter((text) => text !== undefined).join(" · ")}</p>;
}
