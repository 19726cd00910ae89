import { IconChevronRight, IconRadar2, IconStack2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { OwnersOnly } from "@/components/no-permission";
import { Page } from "@/components/page";
import { useMay } from "@/data/session";
import classes from "./connect.module.css";

/** What can be connected. */
export function NewIntegrationPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("connect.title")} lead={t("connect.lead")} crumbs={[<Link key="integrations" to="/integrations">{t("nav.integrations")}</Link>]}>
      {useMay("connect") ? <Gallery /> : <OwnersOnly>{t("connect.forbidden")}</OwnersOnly>}
    </Page>
  );
}

function Gallery() {
  const { t } = useTranslation();
  return (
    <ul className={classes.gallery}>
      <li>
        <Link to="/connect/sysdig" className={classes.source}>
          <IconRadar2 size={28} stroke={1.5} aria-hidden />
          <span>
            <strong>{t("connect.sysdig.name")}</strong>
            <span>{t("connect.sysdig.about")}</span>
          </span>
          <IconChevronRight size={18} aria-hidden />
        </Link>
      </li>
      <li>
        <Link to="/connect/registry" className={classes.source}>
          <IconStack2 size={28} stroke={1.5} aria-hidden />
          <span>
            <strong>{t("connect.registry.name")}</strong>
            <span>{t("connect.registry.about")}</span>
          </span>
          <IconChevronRight size={18} aria-hidden />
        </Link>
      </li>
    </ul>
  );
}
