import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { InUseState } from "@/components/in-use";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import type { Overview } from "@/data/overview";
import classes from "./overview.module.css";

/** What is vulnerable by whether it is in use: what a runtime saw loaded is what to mend first. */
export function Use({ overview }: { overview: Overview | undefined }) {
  const { t } = useTranslation();
  return (
    <Section title={t("overview.inUse")} padded>
      <div className={classes.use}>
        {overview ? <SeverityCounts counts={overview.inUse["in-use"]} large /> : <Skeleton height={54} />}
        <p className="muted">{t("overview.inUseAbout")}</p>
        <dl className={classes.others}>
          {(["not-observed", "not-seen"] as const).map((state) => (
            <div key={state}>
              <dt>
                <InUseState state={state} />
              </dt>
              <dd>{overview ? <SeverityCounts counts={overview.inUse[state]} /> : <Skeleton height={20} width={212} />}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Section>
  );
}
