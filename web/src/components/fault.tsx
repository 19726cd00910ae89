import { useTranslation } from "react-i18next";
import { Problem } from "@/data/problem";

/** What to correct where the server could not ask somebody else, above the server's own words; nothing of other errors. */
export function FaultText({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!(error instanceof Problem) || error.fault === undefined) {
    return null;
  }
  const ofSecondToken = error.fields.includes("apiToken") && (error.fault === "token-refused" || error.fault === "token-forbidden");
  return <p>{ofSecondToken ? t(`fault.api-${error.fault}`) : t(`fault.${error.fault}`)}</p>;
}
