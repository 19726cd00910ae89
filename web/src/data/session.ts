import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { announceSignedOut, api, basePath, body } from "./client";
import { Problem } from "./problem";
import { forgetRecents } from "./recents";
import type { components } from "./schema";

export { onSignedOut } from "./client";
export type Session = components["schemas"]["Session"];
export type Permission = Session["permissions"][number];
export type OneTimeLink = components["schemas"]["Link"];
export type Redemption = components["schemas"]["LinkRedemption"];

/** Who is signed in, and what they may do; null for nobody. The session itself is a cookie no script can read. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await body(api.GET("/api/v1/session", { signal }));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        return null;
      }
      throw error;
    }
  },
});

/** Whoever signs in or out must find nothing of whom was there before. */
export function become(client: QueryClient, session: Session | null): void {
  client.removeQueries();
  forgetRecents();
  client.setQueryData(sessionQuery.queryKey, session);
}

export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** Whether the caller may do what an operation needs; the server decides in the end. */
export function useMay(permission: Permission): boolean {
  return useSession()?.permissions.includes(permission) ?? false;
}

export type SignInProvider = NonNullable<components["schemas"]["SignInWays"]["provider"]>;

/** In which ways people sign in here. */
export const signInQuery = queryOptions({
  queryKey: ["sign-in"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/sign-in", { signal })),
});

/** Where the browser goes to sign in with the provider; `next` is where it comes back to. */
export function providerAddress(provider: SignInProvider, next: string | undefined): string {
  const query = next === undefined ? "" : `?${new URLSearchParams({ next }).toString()}`;
  return basePath + provider.path + query;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (who: { email: string; password: string }) => body(api.POST("/api/v1/session", { body: who })),
    onSuccess: (session) => {
      become(client, session);
    },
  });
}

export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      try {
        return await body(api.DELETE("/api/v1/session"));
      } catch (error) {
        // Whose session is over already is signed out as well.
        if (!(error instanceof Problem && error.status === 401)) {
          throw error;
        }
        return {};
      }
    },
    onSuccess: ({ providerUrl }) => {
      announceSignedOut();
      // Signed in at the provider still, the next click would come in without a question.
      if (providerUrl !== undefined) {
        location.assign(providerUrl);
      }
    },
  });
}

export function useSwitchOrganisation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.PUT("/api/v1/session/organisation", { body: { id } })),
    onSuccess: (session) => {
      become(client, session);
    },
  });
}

/** What a one-time link does and asks for. The secret stays out of the key. */
export function linkQuery(secret: string) {
  return queryOptions({
    queryKey: ["link"],
    queryFn: ({ signal }) => body(api.POST("/api/v1/links/inspect", { body: { secret }, signal })),
    gcTime: 0,
    refetchInterval: false,
  });
}

export function useRedeem() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (answer: Redemption) => body(api.POST("/api/v1/links/redeem", { body: answer })),
    onSuccess: (session) => {
      become(client, session);
    },
  });
}
