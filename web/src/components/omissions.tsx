import { useTranslation } from "react-i18next";
import type { Image } from "@/data/images";
import { useFormat } from "@/i18n/format";
import { Notice } from "./status";

/** That packages of an image were not judged, as no whole set of advisories is held for them. Nothing if all were. */
export function Omissions({ image }: { image: Pick<Image, "missingAdvisories"> | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const missing = image?.missingAdvisories ?? [];
  if (missing.length === 0) {
    return null;
  }
  const packages = missing.reduce((sum, m) => sum + m.packages, 0);
  return (
    <Notice tone="warn">
      <p>{t("omissions.title", { count: packages, n: format.number(packages) })}</p>
      <p>
        {format.list(missing.map((m) => t("omissions.of", { ecosystem: m.ecosystem, n: format.number(m.packages) })))}
      </p>
      <p>{t("omissions.next")}</p>
    </Notice>
  );
}
