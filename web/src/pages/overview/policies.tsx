import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { PolicyMeter, PolicyMove } from "@/components/policy";
import { ErrorState } from "@/components/state";
import { hasPast, isJudged, policiesQuery, worstFirst } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import classes from "./overview.module.css";

/** As many as are looked over at a glance. */
const most = 6;
/** What the rates are compared with, in days. */
const days = 30;

/** The policies that images break most, with how many meet each and whether that moves. */
export function PolicyCards({ environment }: { environment: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = usePolicyWords();
  const { data, error, refetch } = useQuery(policiesQuery(environment, days));
  if (error && !data) {
    return (
      <Section title={t("overview.policies")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  const enabled = data?.items.filter((p) => p.enabled);
  if (enabled?.length === 0) {
    return null;
  }
  return (
    <section aria-label={t("overview.policies")}>
      <div className={classes.headline}>
        <h2>{t("overview.policies")}</h2>
        <Link to="/policies">{data ? t("overview.allPolicies", { count: data.items.length, n: format.number(data.items.length) }) : t("overview.all")}</Link>
      </div>
      <div className={`${classes.cards ?? ""} ${classes.policies ?? ""}`}>
        {enabled === undefined && Array.from({ length: most }, (_, i) => <Skeleton key={i} height={98} />)}
        {enabled &&
          worstFirst(enabled)
            .slice(0, most)
            .map((p) => (
              <Link key={p.name} to="/policies/$name" params={{ name: p.name }} className={classes.card}>
                <span className={classes.policyName}>{words.name(p.name)}</span>
                <span className={classes.cardHead}>
                  <strong>{p.count.images === 0 ? "—" : isJudged(p.count) ? format.percent(p.count.compliant, p.count.images) : t("policy.status.no-data")}</strong>
                  <span className="muted">{p.count.images === 0 ? t("policy.ofNone") : t("policy.ofImages", { count: p.count.images, n: format.number(p.count.images), met: format.number(p.count.compliant) })}</span>
                  {hasPast(environment) && (
                    <span className={classes.moved}>
                      <PolicyMove row={p} />
                    </span>
                  )}
                </span>
                <PolicyMeter count={p.count} small />
              </Link>
            ))}
      </div>
    </section>
  );
}
