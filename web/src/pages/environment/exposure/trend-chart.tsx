import { useId } from "react";
import { useTranslation } from "react-i18next";
import { DaysTable } from "@/components/days";
import { Section } from "@/components/page";
import type { ExposureReport } from "@/data/exposure";
import type { Severity } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import { round, roundUp, stepsOf, trendOf, type TrendDay } from "./trend";
import classes from "./exposure.module.css";

/** Heights of the two fields, in the units of their view boxes. */
const field = 100;

/**
 * What was open at the end of each day, and below it what came and what went. The two are told
 * apart by where they are and by a pattern; the same numbers stand in a table.
 */
export function Trend({ report, chosen }: { report: ExposureReport | undefined; chosen: readonly Severity[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report === undefined) {
    return (
      <Section title={t("exposure.trend.title")} padded>
        <div className={classes.waiting} aria-busy="true" />
      </Section>
    );
  }
  const days = trendOf(report.days, chosen);
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) {
    return null;
  }
  const most = roundUp(Math.max(...days.map((d) => d.open)));
  const change = roundUp(Math.max(...days.map((d) => Math.max(d.opened, d.remediated))));
  const uncounted = report.bySeverity.some((f) => f.suppressed + f.notSeen > 0);
  const sums = days.reduce((sum, d) => ({ opened: sum.opened + d.opened, remediated: sum.remediated + d.remediated }), { opened: 0, remediated: 0 });
  return (
    <Section title={t("exposure.trend.title")} padded>
      <div className={classes.trend}>
        <Axis top={format.number(most)} bottom={format.number(0)} name={t("exposure.trend.open")} />
        <svg
          className={classes.open}
          viewBox={`0 0 ${days.length} ${field}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t("exposure.trend.openAbout", { days: format.number(days.length), first: format.number(first.open), last: format.number(last.open) })}
        >
          <path className={classes.area} d={`${stepsOf(days.map((d) => d.open), most, field)}V${field}H0Z`} />
          <path className={classes.line} d={stepsOf(days.map((d) => d.open), most, field)} />
          <Hints days={days} height={field} />
        </svg>
        <Axis top={format.number(change)} bottom={format.number(change)} name={t("exposure.trend.change")} />
        <Changes
          days={days}
          most={change}
          label={t("exposure.trend.changeAbout", { days: format.number(days.length), opened: format.number(sums.opened), remediated: format.number(sums.remediated) })}
        />
        <span />
        <div className={classes.dates}>
          <time dateTime={first.date}>{format.day(first.date)}</time>
          <time dateTime={last.date}>{format.day(last.date)}</time>
        </div>
      </div>
      <p className={classes.legend}>
        <span className={`${classes.swatch ?? ""} ${classes.openedSwatch ?? ""}`} aria-hidden /> {t("exposure.trend.up")}
        <span className={`${classes.swatch ?? ""} ${classes.remediatedSwatch ?? ""}`} aria-hidden /> {t("exposure.trend.down")}
      </p>
      {uncounted && <p className={classes.legend}>{t("exposure.trend.asItWas")}</p>}
      <DaysTable
        days={days}
        columns={[
          { header: t("exposure.open"), of: (d) => d.open },
          { header: t("exposure.opened"), of: (d) => d.opened },
          { header: t("exposure.remediated"), of: (d) => d.remediated },
        ]}
      />
    </Section>
  );
}

function Axis({ top, bottom, name }: { top: string; bottom: string; name: string }) {
  return (
    <div className={classes.axis}>
      <span aria-hidden>{top}</span>
      <span>{name}</span>
      <span aria-hidden>{bottom}</span>
    </div>
  );
}

/** What opened goes up from the middle, what was remediated down. */
function Changes({ days, most, label }: { days: readonly TrendDay[]; most: number; label: string }) {
  const pattern = useId();
  const middle = field / 2;
  const size = (n: number) => round((n / most) * middle);
  return (
    <svg className={classes.changes} viewBox={`0 0 ${days.length} ${field}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <defs>
        <pattern id={pattern} width="1" height="6" patternUnits="userSpaceOnUse">
          <rect className={classes.remediated} width="1" height="3" />
        </pattern>
      </defs>
      {days.map((d, i) => (
        <g key={d.date}>
          {d.opened > 0 && <rect className={classes.opened} x={i + 0.15} width={0.7} y={middle - size(d.opened)} height={size(d.opened)} />}
          {d.remediated > 0 && <rect fill={`url(#${pattern})`} x={i + 0.15} width={0.7} y={middle} height={size(d.remediated)} />}
        </g>
      ))}
      <line className={classes.zero} x1={0} x2={days.length} y1={middle} y2={middle} />
      <Hints days={days} height={field} />
    </svg>
  );
}

/** Over each day a field that tells its numbers to the pointer. */
function Hints({ days, height }: { days: readonly TrendDay[]; height: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return days.map((d, i) => (
    <rect key={d.date} className={classes.hint} x={i} width={1} y={0} height={height}>
      <title>
        {t("exposure.trend.day", { day: format.day(d.date), open: format.number(d.open), opened: format.number(d.opened), remediated: format.number(d.remediated) })}
      </title>
    </rect>
  ));
}
