import { useTranslation } from "react-i18next";
import type { PolicyParameter, PolicyType } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { knownParameters, knownTypes, type Says } from "./rule";

/** Of a long list the first few are told; all stand with the parameters. */
const mostNamed = 6;

/** The words for types, parameters and rules; of what this dashboard does not know, those of the server. */
export function usePolicyTexts() {
  const { t } = useTranslation();
  const format = useFormat();
  const few = (list: readonly string[]) =>
    list.length <= mostNamed ? format.list(list) : t("policy.says.more", { list: format.list(list.slice(0, mostNamed)), n: format.number(list.length - mostNamed) });
  return {
    few,
    type: (id: string, types?: readonly PolicyType[]) => {
      const known = knownTypes.find((k) => k === id);
      return known === undefined ? (types?.find((type) => type.id === id)?.name ?? id) : t(`policy.types.${known}`);
    },
    parameter: (p: Pick<PolicyParameter, "name"> & Partial<PolicyParameter>) => {
      const known = knownParameters.find((k) => k === p.name);
      return known === undefined ? { name: p.name, about: p.description ?? "" } : { name: t(`policy.parameter.${known}.name`), about: t(`policy.parameter.${known}.about`) };
    },
    sentence: (s: Says) => {
      if ("severities" in s) {
        return t(`policy.says.${s.says}`, { list: format.list(s.severities.map((one) => t(`severity.${one}`))) });
      }
      if ("list" in s) {
        return t(`policy.says.${s.says}`, { list: few(s.list) });
      }
      return "count" in s ? t(`policy.says.${s.says}`, { count: s.count }) : t(`policy.says.${s.says}`);
    },
  };
}
