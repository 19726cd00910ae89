import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { advisoriesQuery, feedName } from "@/data/system";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

/** What is matched against, and how old it is: an old set misses what is new. */
export function Advisories() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: advisories, error, refetch } = useQuery(advisoriesQuery);
  if (error && !advisories) {
    return (
      <Section title={t("advisories.title")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
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
