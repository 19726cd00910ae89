import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";
import { sessionQuery } from "./session";

export type Account = components["schemas"]["Account"];
export type AccountSession = components["schemas"]["AccountSession"];

/** The shortest new password the server takes, in characters. */
export const shortestPassword = 12;

export const accountSessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/account/sessions", { signal })),
});

/** Changes name and language of whoever is signed in; an empty language is the browser's. */
export function useChangeAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { name: string; language: string }) => body(api.PATCH("/api/v1/account", { body: change })),
    onSuccess: (person) => {
      client.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, person });
    },
  });
}

/** Changes the password, which ends all other sessions. No mutation: the cache would keep the passwords. */
export async function changePassword(current: string, fresh: string): Promise<Account> {
  return body(api.PATCH("/api/v1/account", { body: { password: { ...(current !== "" && { current }), new: fresh } } }));
}

/** Ends sessions; those that are over already are as good as ended. */
export function useEndSessions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const ended = await Promise.allSettled(ids.map((id) => body(api.DELETE("/api/v1/account/sessions/{id}", { params: { path: { id } } }))));
      const refused = ended.find((e) => e.status === "rejected");
      if (refused) {
        throw refused.reason;
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["account", "sessions"] }),
  });
}

const browsers: [RegExp, string][] = [
  [/\bEdg(?:A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/Chrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** Browser and system by what a browser calls itself; undefined for what is neither. */
export function agentOf(agent: string): { browser: string; system: string } | undefined {
  const browser = browsers.find(([sign]) => sign.test(agent))?.[1];
  const system = systems.find(([sign]) => sign.test(agent))?.[1];
  return browser === undefined || system === undefined ? undefined : { browser, system };
}
