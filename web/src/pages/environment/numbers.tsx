import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CoverageNumber } from "@/components/coverage";
import { Choice } from "@/components/filters";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { ErrorState } from "@/components/state";
import { countings, environmentQuery, inUseOf, latestIndexed, type Counting, type Environment } from "@/data/environments";
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
      <Counted environment={environment} />
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

/** What was found in the images of an environment, counted in one of three ways. */
function Counted({ environment }: { environment: Environment | undefined }) {
  const { t } = useTranslation();
  const { counting = "images" } = useSearch({ from: "/app/environments/$name" });
  const navigate = useNavigate({ from: "/environments/$name" });
  const other = useQuery({ ...environmentQuery(environment?.name ?? "", { counting }), enabled: environment !== undefined && counting !== "images" });
  const choice = (
    <Choice
      label={t("environment.counting.label")}
      options={countings.map((value) => ({ value, label: t(`environment.counting.${value}`) }))}
      value={counting}
      onChange={(value) => void navigate({ search: (s) => ({ ...s, counting: value === "images" ? undefined : (value as Counting) }), replace: true })}
    />
  );
  if (other.error && !other.data) {
    return (
      <Section title={t("environment.findings")} aside={choice}>
        <ErrorState error={other.error} retry={other.refetch} />
      </Section>
    );
  }
  return <Findings environment={counting === "images" ? environment : other.data} about={t(`environment.counting.about.${counting}`)} aside={choice} />;
}

/** What was found in the images of an environment. */
function Findings({ environment, about, aside }: { environment: Environment | undefined; about: string; aside?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Section title={t("environment.findings")} aside={aside} padded>
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
