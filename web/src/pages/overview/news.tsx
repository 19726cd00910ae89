import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { ErrorLine } from "@/components/state";
import { opened, overviewQuery, type News as Counts } from "@/data/overview";
import { useLastVisit } from "@/data/visits";
import { useFormat } from "@/i18n/format";
import classes from "./overview.module.css";

/** What is new since yesterday, and since the person last looked. */
export function News({ environment, runs, day }: { environment: string | undefined; runs: boolean; day: Counts | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const since = useLastVisit();
  const { data, error, refetch } = useQuery({ ...overviewQuery(environment, since), enabled: since !== undefined });
  const visit = data?.news;

  const lost = error !== null && !data;
  const number = (counts: Counts | undefined, of: (counts: Counts) => number) => {
    if (!counts) {
      return <Skeleton height={12} width={36} display="inline-block" />;
    }
    const n = of(counts);
    // A count that was cut off is at least that.
    return n >= counts.limit ? t("overview.atLeast", { n: format.number(counts.limit) }) : format.number(n);
  };
  const rows: [string, ReactNode, (counts: Counts) => number][] = [
    ["findings", <Link key="findings" to="/changes" search={{ change: "found" }}>{t("overview.new.findings")}</Link>, opened],
    ["images", <Link key="images" to="/images" search={{ sort: "newest" }}>{t("overview.new.images")}</Link>, (c) => c.imagesRecorded],
  ];
  if (runs) {
    rows.push(["started", t("overview.new.started"), (c) => c.occurrencesOpened], ["ended", t("overview.new.ended"), (c) => c.occurrencesClosed]);
  }
  return (
    <Section title={t("overview.new.title")} padded>
      <table className={classes.news}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("overview.new.day")}</th>
            <th scope="col">
              {t("overview.new.visit")}
              {since !== undefined && (
                <>
                  , <Ago at={since} />
                </>
              )}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([id, name, of]) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{number(day, of)}</td>
              <td>{since === undefined || lost ? <span className="muted" title={lost ? undefined : t("overview.new.first")}>—</span> : number(visit, of)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lost && <ErrorLine what={t("overview.new.visit")} error={error} retry={refetch} />}
    </Section>
  );
}
