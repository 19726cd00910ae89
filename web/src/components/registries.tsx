import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { registryCheckQuery } from "@/data/registries";
import { useFormat } from "@/i18n/format";
import { Notice } from "./status";
import classes from "./registries.module.css";

/** How what runs in an environment compares with the known registries, and that it cannot while there is no list of them. */
export function RegistryCheck({ environment }: { environment: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(registryCheckQuery(environment));
  if (!data) {
    return null;
  }
  const list = <Link to="/settings/registries">{t("nav.registries")}</Link>;
  if (data.known === 0) {
    return (
      <p className={`${classes.note ?? ""} muted`}>
        {t("registries.check.noList")} {list}
      </p>
    );
  }
  if (data.unknown + data.unnamed === 0) {
    return null;
  }
  return (
    <Notice tone={data.unknown > 0 ? "warn" : "info"} action={list}>
      <p>{t("registries.check.unknown", { count: data.running, n: format.number(data.unknown), all: format.number(data.running) })}</p>
      {data.unnamed > 0 && <p>{t("registries.check.unnamed", { n: format.number(data.unnamed) })}</p>}
    </Notice>
  );
}
