import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { firstDescribed, firstNamed } from "@/data/first-policies";
import type { Saying } from "@/data/policies";

/**
 * How policies are called and described, those that still have the words they came with in the language of the reader; and what those that
 * are built in say of an image, in the server's words where this dashboard does not know a sentence.
 */
export function usePolicyWords() {
  const { t, i18n } = useTranslation();
  return useMemo(() => {
    // Which sentences there are is known while it runs.
    const translate = t as unknown as (key: string, values: object) => string;
    const sentence = (group: "sentence" | "remedy", { code, values = {} }: Saying): string | undefined => {
      const given = values.count === undefined ? values : { ...values, count: Number(values.count) };
      const key = `policy.${group}.${code}`;
      return i18n.exists(key, given) ? translate(key, given) : undefined;
    };
    return {
      name: (name: string): string => {
        const first = firstNamed(name);
        return first === undefined ? name : t(`policy.first.${first}.name`);
      },
      description: (description: string): string => {
        const first = firstDescribed(description);
        return first === undefined ? description : t(`policy.first.${first}.about`);
      },
      says: (list: readonly Saying[] = [], words: string): string => {
        const told = list.map((one) => sentence("sentence", one));
        return told.length === 0 || !told.every((one) => one !== undefined) ? words : told.reduce((before, after) => t("policy.both", { before, after }));
      },
      mends: (one: Saying | undefined, words: string): string => (one && sentence("remedy", one)) ?? words,
    };
  }, [t, i18n]);
}
