import { useTranslation } from "react-i18next";
import type { Gap } from "@/data/coverage";
import { useFormat } from "@/i18n/format";

/** The causes that the catalogues have a sentence for; of an analysis that failed it is what failed, which is in nobody's catalogue. */
const known = ["unknown-image", "unnamed-image", "asked", "asked-in-vain", "name-moved", "waits", "removed"] as const satisfies readonly Gap["code"][];

/** Why a running image is not analysed; of what this dashboard does not know, in the server's words. */
export function GapReason({ gap }: { gap: Pick<Gap, "code" | "reason" | "reference" | "detail" | "removed"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { code, reference = "", detail = "", removed = "" } = gap;
  const cause = known.find((one) => one === code);
  if (cause === undefined || (cause === "removed" && removed === "")) {
    return gap.reason;
  }
  return t(`gap.cause.${cause === "asked" && detail !== "" ? "asked-waiting" : cause}`, { reference, detail, day: removed && format.day(removed.slice(0, 10)) });
}
