import { useTranslation } from "react-i18next";
import { total, type Counts } from "@/data/severity";
import { useFormat } from "@/i18n/format";

/** How many vulnerabilities are in packages seen loaded, of how many; nothing where that is not told. */
export function Used({ loaded, all }: { loaded: Counts | undefined; all: Counts }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (total(all) === 0) {
    return <span className="muted" data-none>–</span>;
  }
  if (loaded === undefined) {
    return (
      <span className="muted" title={t("use.unwatched")}>
        –
      </span>
    );
  }
  return <span title={t("use.about")}>{t("use.of", { n: format.number(total(loaded)), all: format.number(total(all)) })}</span>;
}
