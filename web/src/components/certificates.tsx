import { useTranslation } from "react-i18next";
import type { components } from "@/data/schema";
import { useFormat } from "@/i18n/format";

/** Whom an integration trusts, and for how long. */
export function Certificates({ list }: { list: components["schemas"]["Certificate"][] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return list.map((c) => (
    <p key={c.fingerprint} title={t("integration.fingerprint", { fingerprint: c.fingerprint })}>
      {t("integration.certificate", { subject: c.subject, date: format.date(new Date(c.expires)) })}
    </p>
  ));
}
