import { IconExternalLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** A link to another site, which is told nothing of where one comes from. */
export function External({ href, children }: { href: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children} <IconExternalLink className="no-print" size={13} role="img" aria-label={t("action.newTab")} />
    </a>
  );
}
