import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { advisoriesQuery } from "@/data/system";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

/** What is matched against, and how old it is: an old set misses what is new. */
export function Advisories() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(advisoriesQuery);
  return (
    <Section title={t("advisories.title")} padded>
      {error && !data ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <ul className={`${classes.advisories ?? ""} ${classes.number ?? ""}`}>
          {data === undefined && <Skeleton height={60} />}
          {data?.map((a) => (
            <li key={a.ecosystem}>
              <strong>{a.ecosystem}</strong>
              <span>{t("advisories.records", { count: a.records, n: format.number(a.records) })}</span>
              <span className="muted">
                {t("advisories.checked")} <Ago at={a.checked} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
