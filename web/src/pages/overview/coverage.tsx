import { Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CoverageNumber } from "@/components/coverage";
import { Section } from "@/components/page";
import { missingClass, type Overview } from "@/data/overview";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

/** Classes told of; the list of what is missing has them all. */
const most = 3;

/** How much of what runs is known, what is missing by its reason, and how to mend it. */
export function Coverage({ overview }: { overview: Overview | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section
      title={t("coverage.title")}
      padded
      aside={
        overview?.oldestSweep !== undefined && (
          <span className="muted">
            {t("environment.asOf")} <Ago at={overview.oldestSweep} />
          </span>
        )
      }
    >
      <div className={classes.coverage}>
        {overview ? <CoverageNumber coverage={overview.coverage} /> : <Skeleton height={84} />}
        {overview?.missing.length === 0 && overview.coverage.running > 0 && (
          <p className={classes.whole}>
            <IconCircleCheck size={16} stroke={1.75} aria-hidden /> {t("gap.none.text")}
          </p>
        )}
        {overview && overview.missing.length > 0 && (
          <>
            <ul className={classes.missing} aria-label={t("overview.missing")}>
              {overview.missing.slice(0, most).map(({ class: name, images }) => (
                <li key={name}>
                  <strong>{t("overview.missingImages", { count: images, n: format.number(images), what: t(`missing.${missingClass(name)}.what`) })}</strong>
                  <span className="muted">{t(`missing.${missingClass(name)}.mend`)}</span>
                </li>
              ))}
            </ul>
            <p>
              <Link to="/coverage">{t("overview.whatIsMissing")}</Link>
            </p>
          </>
        )}
      </div>
    </Section>
  );
}
