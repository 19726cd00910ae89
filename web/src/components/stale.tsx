import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { advisoriesQuery, feedName } from "@/data/system";
import { useFormat } from "@/i18n/format";
import { Notice } from "./status";

/** That what is shown was matched against old advisories. Nothing if none is old. */
export function StaleAdvisories() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(advisoriesQuery);
  const stale = data?.filter((a) => a.stale).map(feedName) ?? [];
  if (stale.length === 0) {
    return null;
  }
  return (
    <Notice tone="warn" action={<Link to="/settings/data">{t("integration.look")}</Link>}>
      <p>{t("advisories.stale.title", { ecosystems: format.list(stale) })}</p>
    </Notice>
  );
}

/** That a filter or an order goes by something that is not held, so that what it leaves or puts first says nothing. */
export function ThreatsMissing({ kev, epss }: { kev: boolean; epss: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(advisoriesQuery);
  const asked: string[] = [...(kev ? ["kev"] : []), ...(epss ? ["epss"] : [])];
  const missing = data && asked.filter((feed) => !data.some((a) => a.feed === feed && a.imported !== undefined));
  if (!missing?.length) {
    return null;
  }
  return (
    <Notice tone="warn" action={<Link to="/settings/data">{t("integration.look")}</Link>}>
      <p>{t("threat.notHeld", { feeds: format.list(missing.map((feed) => feed.toUpperCase())) })}</p>
    </Notice>
  );
}
