import { useMatch, useNavigate, useSearch } from "@tanstack/react-router";
import { useEnvironmentNames } from "@/data/coverage";
import { latestIndexed } from "@/data/environments";

/** The environment pages are narrowed to; undefined is all of them. */
export function useEnvironment(): string | undefined {
  return useSearch({ from: "/app", select: (s) => s.environment });
}

/** The selector's state: on the page of an environment it is that one. */
export function useEnvironmentChoice() {
  const names = useEnvironmentNames();
  const searched = useEnvironment();
  const page = useMatch({ from: "/app/environments/$name", shouldThrow: false, select: (m) => m.params.name });
  const navigate = useNavigate();
  const value = page ?? searched;
  return {
    value,
    // One that is gone stays in the list, or the selector would claim "all".
    names: value !== undefined && value !== latestIndexed && !names.includes(value) ? [value, ...names] : names,
    choose: (environment: string | undefined) => {
      if (page === undefined) {
        void navigate({ to: ".", search: (s: object) => ({ ...s, environment }) });
      } else if (environment === undefined) {
        void navigate({ to: "/environments", search: { environment } });
      } else {
        void navigate({ to: "/environments/$name", params: { name: environment }, search: (s: object) => ({ ...s, environment }) });
      }
    },
  };
}
