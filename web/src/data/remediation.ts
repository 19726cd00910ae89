import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

/** Days within which each severity should be remediated; 0 for no target. */
export type Targets = components["schemas"]["Targets"];

/** The most days a target can have. */
export const mostDays = 3650;

export const targetsQuery = queryOptions({
  queryKey: ["remediation"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/settings/remediation", { signal })),
});

/** Sets the targets; what is overdue is then counted anew. */
export function useSetTargets() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (targets: Targets) => body(api.PUT("/api/v1/settings/remediation", { body: targets })),
    onSuccess: (targets) => {
      client.setQueryData(targetsQuery.queryKey, targets);
      return client.invalidateQueries({ queryKey: ["exposure"] });
    },
  });
}
