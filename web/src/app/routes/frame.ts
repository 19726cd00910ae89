// What every page stands in: the frame, who is signed in, the environment, and how pages wait for their data.

import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect, retainSearchParams } from "@tanstack/react-router";
import { isDay } from "@/data/audit";
import { spans, type Span } from "@/data/exposure";
import { moment } from "@/data/moment";
import { sessionQuery } from "@/data/session";
import { text } from "../search";
import { Shell } from "../shell";

interface Context {
  queryClient: QueryClient;
}

/** How long the page before stays for the data of the next, in milliseconds: what comes sooner shows at once, without an empty page in between. */
const patience = 100;

/** Asks for a page's data; ends when they are there, or will not be soon. The page itself shows what is still missing, and what went wrong. */
export async function soon(...data: Promise<unknown>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([Promise.allSettled(data), new Promise((resolve) => (timer = setTimeout(resolve, patience)))]);
  clearTimeout(timer);
}

export const root = createRootRouteWithContext<Context>()({ component: Outlet });

export const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s: Record<string, unknown>): { next?: string | undefined; problem?: string | undefined } => ({
    next: text(s.next, 2048),
    problem: text(s.problem, 32),
  }),
  component: lazyRouteComponent(() => import("@/pages/sign-in"), "SignInPage"),
});

export const link = createRoute({
  getParentRoute: () => root,
  path: "/link",
  component: lazyRouteComponent(() => import("@/pages/link"), "LinkPage"),
});

/** What a link shows to anybody: outside of the frame, where nobody has to be signed in. */
export const shared = createRoute({
  getParentRoute: () => root,
  path: "/shared",
  component: lazyRouteComponent(() => import("@/pages/shared"), "SharedPage"),
});

/** What every page but the sign-in has: the frame, the environment, someone signed in. */
export const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  validateSearch: (s: Record<string, unknown>): { environment?: string | undefined } => ({ environment: text(s.environment, 128) }),
  search: { middlewares: [retainSearchParams(["environment"])] },
  beforeLoad: async ({ context, location }) => {
    if ((await context.queryClient.query(sessionQuery)) === null) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
      throw redirect({ to: "/sign-in", search: { next: location.href === "/" ? undefined : location.href } });
    }
  },
  component: Shell,
});

export function span(value: unknown): Span | undefined {
  return spans.find((days) => String(days) === String(value));
}

/** A moment such as 2026-01-31T12:00:00Z. */
export function pastMoment(value: unknown): string | undefined {
  const given = text(value, 20);
  return given !== undefined && moment(given) !== undefined ? given : undefined;
}

/** A day of the calendar, such as 2026-01-31. */
export function day(value: unknown): string | undefined {
  const written = text(value, 10);
  return written !== undefined && isDay(written) ? written : undefined;
}
