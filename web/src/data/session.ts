import { useMutation, useQueryClient } from "@tanstack/react-query";
import { signIn, signOut } from "./credential";
import { versionQuery } from "./system";

export { isSignedIn, onCredentialChange, signOut } from "./credential";

/** Signs in if the server accepts the token; else nothing is kept. */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (token: string) => {
      client.clear();
      signIn(token);
      try {
        await client.fetchQuery({ ...versionQuery, retry: false, staleTime: 0 });
      } catch (error) {
        signOut();
        throw error;
      }
    },
  });
}
