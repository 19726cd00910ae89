import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CoverageMeter } from "@/components/coverage";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { ErrorState } from "@/components/state";
import { coverageQuery } from "@/data/coverage";
import { inUseOf } from "@/data/environments";
import { Used } from "@/components/used";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

export function EnvironmentCards() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(coverageQuery);
  const environments = data?.environments;
  if (error && !data) {
    return (
      <Section title={t("nav.environments")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  if (environments?.length === 0) {
    return null;
  }
  return (
    <section aria-label={t("nav.environments")}>
      <div className={classes.headline}>
        <h2>{t("nav.environments")}</h2>
        <Link to="/environments">{t("overview.all")}</Link>
      </div>
      <div className={classes.cards}>
        {environments === undefined && [1, 2].map((i) => <Skeleton key={i} height={151} />)}
        {environments?.map((e) => (
          <Link key={e.name} to="/environments/$name" params={{ name: e.name }} className={classes.card}>
            <span className={classes.cardHead}>
              <strong>{e.name}</strong>
              <span className="muted">{t("environment.imageCount", { count: e.images, n: format.number(e.images) })}</span>
            </span>
            <SeverityCounts counts={e.summary} />
            <span className={classes.cardUse}>
              {t("use.inUse")}: <Used loaded={inUseOf(e)} all={e.summary} />
            </span>
            <CoverageMeter coverage={e.coverage} small />
            <span className={classes.cardFoot}>
              <span>{t("coverage.ofRunning", { analysed: format.number(e.coverage.analysed), count: e.coverage.running })}</span>
              {e.asOf && <Ago at={e.asOf} />}
            </span>
          </Link>
        ))}
      </div>
    </section>
  );
}
