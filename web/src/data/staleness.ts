import { goDuration } from "@/i18n/format";
import type { Integration } from "./integrations";

/** Intervals without a complete sweep after which what is shown counts as old. */
const patience = 3;

/** Whether what an integration saw is older than its interval explains. */
export function isStale(integration: Integration, now: number): boolean {
  if (integration.lastCompleteSweep === undefined) {
    return false; // nothing is shown of it that could be old
  }
  const age = now - new Date(integration.lastCompleteSweep).getTime();
  return age > patience * goDuration(integration.interval) * 1000;
}

/** Whether someone should look after an integration. */
export function needsCare(integration: Integration, now: number): boolean {
  return integration.state === "failing" || integration.state === "degraded" || isStale(integration, now);
}
