import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { feedName, type AdvisoryStatus } from "@/data/system";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

/** What is matched against, and how old it is: an old set misses what is new. */
export function Advisories({ advisories }: { advisories: AdvisoryStatus[] | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t("advisories.title")} padded>
      {advisories === undefined && <Skeleton height={60} />}
      <ul className={classes.advisories}>
        {advisories?.map((a) => (
          <li key={feedName(a)}>
            <strong>{feedName(a)}</strong>
            <span>{t("advisories.records", { count: a.records, n: format.number(a.records) })}</span>
            <span className="muted">
              {t("advisories.checked")} {a.checked === undefined ? t("environment.never") : <Ago at={a.checked} />}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
