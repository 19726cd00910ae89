import { useRef, useState } from "react";

/**
 * A call whose input must not be kept: unlike a mutation it leaves nothing in a cache.
 * A call that is overtaken by a newer one, or by `forget`, is not heard of again.
 */
export function useTask<T>() {
  const [state, setState] = useState<{ isPending: boolean; error?: unknown }>({ isPending: false });
  const latest = useRef<symbol>(undefined);
  return {
    isPending: state.isPending,
    error: state.error,
    forget: () => {
      latest.current = undefined;
      setState({ isPending: false });
    },
    run: async (call: () => Promise<T>, then: (answer: T) => void) => {
      const run = Symbol();
      latest.current = run;
      setState({ isPending: true });
      try {
        const answer = await call();
        if (latest.current === run) {
          setState({ isPending: false });
          then(answer);
        }
      } catch (error) {
        if (latest.current === run) {
          setState({ isPending: false, error });
        }
      }
    },
  };
}
