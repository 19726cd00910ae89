import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { DaysTable } from "@/components/days";
import { Section } from "@/components/page";
import { policyParts, statusOf } from "@/components/policy";
import { ErrorState, State } from "@/components/state";
import type { Span } from "@/data/exposure";
import { policyTrendQuery, type PolicyDay } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { round, roundUp } from "@/pages/environment/exposure/trend";
import shared from "@/pages/environment/exposure/exposure.module.css";
import classes from "./policy.module.css";

/** How the parts look in the chart, whose stripes lie, as its width has no measure. */
const looks = { compliant: classes.metSwatch ?? "", noData: classes.noDataSwatch ?? "", nonCompliant: classes.brokenSwatch ?? "" };

/** Height of the field, in the units of its view box. */
const field = 100;

/**
 * The images at the end of each day by what a policy said of them, one above the other: compliant at the foot, broken at the top.
 * They are told apart by place and pattern as well; the same numbers stand in a table.
 */
export function PolicyTrend({ name, environment, days: span }: { name: string; environment: string | undefined; days: Span }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: days, error, refetch } = useQuery(policyTrendQuery(name, environment, span));
  if (error && !days) {
    return (
      <Section title={t("policy.days.title")}>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  const first = days?.[0];
  const last = days?.at(-1);
  if (!days || !first || !last) {
    return (
      <Section title={t("policy.days.title")} padded>
        <div className={classes.waiting} aria-busy="true" />
      </Section>
    );
  }
  if (days.every((d) => d.images === 0)) {
    return (
      <Section title={t("policy.days.title")}>
        <State title={t("policy.days.none")} />
      </Section>
    );
  }
  const most = roundUp(Math.max(...days.map((d) => d.images)));
  return (
    <Section title={t("policy.days.title")} padded>
      <div className={shared.trend}>
        <div className={shared.axis}>
          <span aria-hidden>{format.number(most)}</span>
          <span>{t("policy.days.images")}</span>
          <span aria-hidden>{format.number(0)}</span>
        </div>
        <Bars
          days={days}
          most={most}
          label={t("policy.days.about", { days: format.number(days.length), compliant: format.number(last.compliant), nonCompliant: format.number(last.nonCompliant), noData: format.number(last.noData) })}
        />
        <span />
        <div className={shared.dates}>
          <time dateTime={first.date}>{format.day(first.date)}</time>
          <time dateTime={last.date}>{format.day(last.date)}</time>
        </div>
      </div>
      <p className={classes.legend}>
        {policyParts.map((p) => (
          <span key={p}>
            <span className={`${classes.swatch ?? ""} ${looks[p]}`} aria-hidden /> {t(`policy.status.${statusOf[p]}`)}
          </span>
        ))}
      </p>
      <DaysTable
        days={days}
        columns={[...policyParts.map((p) => ({ header: t(`policy.status.${statusOf[p]}`), of: (d: PolicyDay) => d[p] })), { header: t("policy.violations"), of: (d) => d.violations }]}
      />
    </Section>
  );
}

function Bars({ days, most, label }: { days: readonly PolicyDay[]; most: number; label: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const size = (n: number) => round((n / most) * field);
  return (
    <svg className={classes.bars} viewBox={`0 0 ${days.length} ${field}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <defs>
        <pattern id={`${id}-no-data`} width="1" height="4" patternUnits="userSpaceOnUse">
          <rect className={classes.noData} width="1" height="1.5" />
        </pattern>
        <pattern id={`${id}-broken`} width="1" height="6" patternUnits="userSpaceOnUse">
          <rect className={classes.brokenSoft} width="1" height="6" />
          <rect className={classes.broken} width="1" height="4" />
        </pattern>
      </defs>
      {days.map((d, i) => {
        const met = size(d.compliant);
        const unknown = size(d.noData);
        const broken = size(d.nonCompliant);
        return (
          <g key={d.date}>
            <rect className={classes.met} x={i + 0.08} width={0.84} y={field - met} height={met} />
            <rect fill={`url(#${id}-no-data)`} x={i + 0.08} width={0.84} y={field - met - unknown} height={unknown} />
            <rect fill={`url(#${id}-broken)`} x={i + 0.08} width={0.84} y={field - met - unknown - broken} height={broken} />
            <rect className={shared.hint} x={i} width={1} y={0} height={field}>
              <title>
                {t("policy.days.day", { day: format.day(d.date), compliant: format.number(d.compliant), nonCompliant: format.number(d.nonCompliant), noData: format.number(d.noData) })}
              </title>
            </rect>
          </g>
        );
      })}
    </svg>
  );
}
