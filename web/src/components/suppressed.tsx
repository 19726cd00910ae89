import { useTranslation } from "react-i18next";
import { lastDay, type DecisionScope, type Suppression } from "@/data/decisions";
import { useFormat } from "@/i18n/format";

/** Who decided something, why, and until when. */
export function Decided({ by }: { by: Suppression }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = [
    t(`decisions.type.${by.type}`),
    by.author === undefined ? undefined : t("decisions.by", { name: by.author }),
    by.approvedBy === undefined ? undefined : t("decisions.approvedBy", { name: by.approvedBy }),
    by.until === undefined ? t("decisions.forEver") : t("decisions.until", { day: format.day(lastDay(by.until)) }),
  ];
  return (
    <span>
      <strong>{format.list(parts.filter((p) => p !== undefined))}</strong>
      {by.justification !== undefined && <span className="muted"> {by.justification}</span>}
      {by.text !== undefined && by.text !== "" && <span> — {by.text}</span>}
    </span>
  );
}

/** What a decision holds for. */
export function Scope({ of }: { of: DecisionScope }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = [...(of.image === undefined ? [] : [of.image]), ...(of.repositories ?? []), ...(of.packages ?? [])];
  const environments = of.environments ?? [];
  if (parts.length + environments.length === 0) {
    return <>{t("decisions.everything")}</>;
  }
  const text = [...parts, ...(environments.length === 0 ? [] : [t("decisions.inEnvironments", { names: format.list(environments) })])].join(", ");
  return <span title={text}>{text}</span>;
}
