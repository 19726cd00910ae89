import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import classes from "./days.module.css";

interface DayColumn<T> {
  header: string;
  of: (day: T) => number;
}

/** The numbers of a chart, the newest day first, for who does not see it or wants them exact. */
export function DaysTable<T extends { date: string }>({ days, columns }: { days: readonly T[]; columns: readonly DayColumn<T>[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <details className={classes.asTable}>
      <summary>{t("exposure.trend.table")}</summary>
      {/* Keys scroll what can be scrolled only where it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("exposure.trend.numbers")}>
        <table className={classes.days}>
          <thead>
            <tr>
              <th scope="col">{t("exposure.trend.date")}</th>
              {columns.map((c) => (
                <th key={c.header} scope="col">
                  {c.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((d) => (
              <tr key={d.date}>
                <th scope="row">{format.day(d.date)}</th>
                {columns.map((c) => (
                  <td key={c.header}>{format.number(c.of(d))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
