import { useMutation } from "@tanstack/react-query";
import { api, body } from "./client";
import { signIn, signOut } from "./credential";

export { isSignedIn, onCredentialChange, signOut } from "./credential";

/** Signs in if the server accepts the token; else nothing is kept. */
export function useSignIn() {
  return useMutation({
    mutationFn: async (token: string) => {
      signIn(token);
      try {
        // Not through the query cache, which is emptied when someone else signs in.
        await body(api.GET("/api/v1/version"));
      } catch (error) {
        signOut();
        throw error;
      }
    },
  });
}
