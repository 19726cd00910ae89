import { useTranslation } from "react-i18next";
import { CoverageNumber } from "@/components/coverage";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import type { Environment } from "@/data/environments";
import classes from "./environment.module.css";

/** How much of an environment is known, and what was found in it; the places stay while that is loading. */
export function Numbers({ environment }: { environment: Environment | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={classes.numbers}>
      <Section title={t("coverage.title")} padded>
        <div className={classes.number}>{environment && <CoverageNumber coverage={environment.coverage} />}</div>
      </Section>
      <Section title={t("environment.findings")} padded>
        <div className={classes.number}>
          {environment && (
            <>
              <SeverityCounts counts={environment.summary} large />
              <p className={`${classes.note ?? ""} muted`}>{t("environment.summed")}</p>
            </>
          )}
        </div>
      </Section>
    </div>
  );
}
