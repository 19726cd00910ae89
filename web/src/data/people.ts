import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Person = components["schemas"]["Person"];
export type Invitation = components["schemas"]["Invitation"];
export type Role = Person["role"];

/** The roles, the least first. */
export const roles = ["member", "editor", "owner"] as const satisfies readonly Role[];

export const peopleQuery = queryOptions({
  queryKey: ["people", "list"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/people", { signal })),
});

export const invitationsQuery = queryOptions({
  queryKey: ["people", "invitations"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/invitations", { signal })),
});

/** A change to the people of the organisation, after which their lists are read anew. */
function usePeopleMutation<In, Out>(change: (input: In) => Promise<Out>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: ["people"] }) });
}

export function useChangeRole() {
  return usePeopleMutation(({ id, role }: { id: string; role: Role }) =>
    body(api.PATCH("/api/v1/people/{id}", { params: { path: { id } }, body: { role } })),
  );
}

export function useRemovePerson() {
  return usePeopleMutation((id: string) => body(api.DELETE("/api/v1/people/{id}", { params: { path: { id } } })));
}

/** Answers with the one-time link, which is told only now. */
export function useInvite() {
  return usePeopleMutation((who: { email: string; role: Role }) => body(api.POST("/api/v1/invitations", { body: who })));
}

/** Answers with a one-time link with which a person sets a new password; it is told only now. */
export function usePasswordLink() {
  return usePeopleMutation((id: string) => body(api.POST("/api/v1/people/{id}/password-link", { params: { path: { id } } })));
}

export function useRevokeInvitation() {
  return usePeopleMutation((id: string) => body(api.DELETE("/api/v1/invitations/{id}", { params: { path: { id } } })));
}
