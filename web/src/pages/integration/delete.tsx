import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { RemovalDialog } from "@/components/removal-dialog";
import { impactQuery, useDelete } from "@/data/integrations";
import { ImpactNotice } from "./impact";

/** Asks once more before an integration goes, and says what goes with it. */
export function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const impact = useQuery(impactQuery(name));
  const removal = useDelete();
  return (
    <RemovalDialog title={t("integration.delete.title", { name })} name={name} button={t("integration.delete.submit")} failed={t("integration.delete.failed")} removal={removal} onClose={onClose}>
      <ImpactNotice query={impact} />
      <p>{t("integration.delete.about")}</p>
    </RemovalDialog>
  );
}
