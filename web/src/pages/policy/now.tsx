import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { Swatch } from "@/components/meter";
import { PolicyMeter, PolicyMove, policyFills, policyParts, statusOf } from "@/components/policy";
import { ErrorState } from "@/components/state";
import type { PolicyRow } from "@/data/policies";
import { hasPast } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import classes from "./policy.module.css";

interface NowProps {
  row: PolicyRow | undefined;
  error: Error | null;
  retry: () => unknown;
  environment: string | undefined;
}

/** How many images meet a policy now. */
export function Now({ row, error, retry, environment }: NowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = environment === undefined ? t("policy.now") : t("policy.nowIn", { environment });
  if (error && !row) {
    return (
      <Section title={title}>
        <ErrorState error={error} retry={retry} />
      </Section>
    );
  }
  if (!row) {
    return (
      <Section title={title} padded>
        <Skeleton height={168} />
      </Section>
    );
  }
  const { count } = row;
  return (
    <Section title={title} padded>
      <div className={classes.now}>
        <p className={classes.number}>
          <strong>{count.images === 0 ? "—" : format.percent(count.compliant, count.images)}</strong>
          <span className="muted">{count.images === 0 ? t("policy.ofNoneAbout") : t("policy.metBy", { count: count.images, n: format.number(count.images), met: format.number(count.compliant) })}</span>
          {hasPast(environment) && count.images > 0 && <PolicyMove row={row} />}
        </p>
        <PolicyMeter count={count} />
        <ul className={classes.legend}>
          {policyParts.map((p) => (
            <li key={p} title={t(`policy.statusAbout.${statusOf[p]}`)}>
              <Swatch fill={policyFills[p]} />
              <span>{t(`policy.status.${statusOf[p]}`)}</span>
              <strong>{format.number(count[p])}</strong>
            </li>
          ))}
        </ul>
        <p className="muted">{t("policy.violationCount", { count: count.violations, n: format.number(count.violations) })}</p>
      </div>
    </Section>
  );
}
