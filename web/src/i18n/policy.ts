import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { firstDescribed, firstNamed } from "@/data/first-policies";

/** How policies are called and described: those that still have the words they came with in the language of the reader. */
export function usePolicyWords() {
  const { t } = useTranslation();
  return useMemo(
    () => ({
      name: (name: string): string => {
        const first = firstNamed(name);
        return first === undefined ? name : t(`policy.first.${first}.name`);
      },
      description: (description: string): string => {
        const first = firstDescribed(description);
        return first === undefined ? description : t(`policy.first.${first}.about`);
      },
    }),
    [t],
  );
}
