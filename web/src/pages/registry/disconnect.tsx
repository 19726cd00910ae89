import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { RemovalDialog } from "@/components/removal-dialog";
import { Notice } from "@/components/status";
import { registryImpactQuery, useDisconnect } from "@/data/push";
import { useFormat } from "@/i18n/format";

/** Asks once more before a registry is forgotten, and says what goes with it and what stays. */
export function DisconnectDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const removal = useDisconnect();
  return (
    <RemovalDialog title={t("repositories.disconnect.of", { name })} name={name} button={t("repositories.disconnect.button")} removal={removal} onClose={onClose}>
      <Impact name={name} />
      <p>{t("repositories.disconnect.about")}</p>
    </RemovalDialog>
  );
}

function Impact({ name }: { name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = useQuery(registryImpactQuery(name));
  if (error && !data) {
    return (
      <Notice tone="bad">
        <p>{t("integration.impact.unknown")}</p>
        <p>{error.message}</p>
      </Notice>
    );
  }
  if (!data) {
    return <Skeleton height={84} />;
  }
  const counted = (n: number) => ({ count: n, n: format.number(n) });
  return (
    <Notice tone={data.enabled + data.waiting > 0 ? "warn" : "info"}>
      <p>{t("registry.impact.repositories", { ...counted(data.repositories), enabled: format.number(data.enabled) })}</p>
      <p>{data.waiting > 0 ? t("registry.impact.waiting", counted(data.waiting)) : t("registry.impact.nothingWaits")}</p>
      <p>{t("registry.impact.images", counted(data.images))}</p>
    </Notice>
  );
}
