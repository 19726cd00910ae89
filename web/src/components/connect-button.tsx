import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/data/session";

/** The way to a new integration, for those who may connect clusters. */
export function ConnectButton() {
  const { t } = useTranslation();
  if (!useMay("connect")) {
    return null;
  }
  return (
    <Button size="xs" renderRoot={(props) => <Link to="/connect" {...props} />}>
      {t("connect.open")}
    </Button>
  );
}
