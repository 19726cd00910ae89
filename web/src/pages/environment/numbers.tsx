import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CoverageNumber } from "@/components/coverage";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { ErrorState } from "@/components/state";
import { environmentQuery, inUseOf, latestIndexed, type Environment } from "@/data/environments";
import { Used } from "@/components/used";
import { total } from "@/data/severity";
import classes from "./environment.module.css";

/** How much of an environment is known, and what was found in it; the places stay while that is loading. */
export function Numbers({ environment }: { environment: Environment | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={classes.numbers}>
      <Section title={t("coverage.title")} padded>
        <div className={classes.number}>{environment && <CoverageNumber coverage={environment.coverage} />}</div>
      </Section>
      <Findings environment={environment} about={t("environment.summed")} />
    </div>
  );
}

/** What was found in the images of the environment that is built in, of which there is nothing else to count. */
export function LatestFindings() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(environmentQuery(latestIndexed));
  if (error && !data) {
    return (
      <Section title={t("environment.findings")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  return <Findings environment={data} about={t("environment.latest.summed")} />;
}

/** What was found in the images of an environment. */
function Findings({ environment, about }: { environment: Environment | undefined; about: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t("environment.findings")} padded>
      <div className={classes.number}>
        {environment && (
          <>
            <SeverityCounts counts={environment.summary} large />
            <p className={`${classes.note ?? ""} muted`}>{about}</p>
            {!environment.builtIn && total(environment.summary) > 0 && (
              <p className={classes.note}>
                {t("use.inUse")}: <Used loaded={inUseOf(environment)} all={environment.summary} />
              </p>
            )}
            {environment.discountNotSeen && (
              <p className={`${classes.note ?? ""} muted`}>{t("environment.notAffected", { count: total(environment.notAffected) })}</p>
            )}
          </>
        )}
      </div>
    </Section>
  );
}
