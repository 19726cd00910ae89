import { useTranslation } from "react-i18next";
import { AnalyseButton } from "@/components/analyse";
import { commands } from "@/components/commands";
import { ConnectButton } from "@/components/connect-button";
import { Section } from "@/components/page";
import { Command } from "@/components/state";
import classes from "./overview.module.css";

/** What a new installation needs, in the order that shows something soonest. */
export function FirstSteps({ hasAdvisories }: { hasAdvisories: boolean }) {
  const { t } = useTranslation();
  return (
    <Section title={t("firstSteps.title")}>
      <ol className={classes.steps}>
        <li className={hasAdvisories ? classes.done : undefined}>
          <div className={classes.step}>
            <h3>{t("firstSteps.advisories.title")}</h3>
            <p>{t(hasAdvisories ? "firstSteps.advisories.done" : "firstSteps.advisories.text")}</p>
            {!hasAdvisories && <Command>{commands.importAdvisories}</Command>}
          </div>
        </li>
        <li>
          <div className={classes.step}>
            <h3>{t("firstSteps.image.title")}</h3>
            <p>{t("firstSteps.image.text")}</p>
            <AnalyseButton variant="filled" />
          </div>
        </li>
        <li>
          <div className={classes.step}>
            <h3>{t("firstSteps.cluster.title")}</h3>
            <p>{t("integrations.none.text")}</p>
            <ConnectButton />
          </div>
        </li>
      </ol>
    </Section>
  );
}
