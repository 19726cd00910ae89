import { useTranslation } from "react-i18next";
import type { Coverage } from "@/data/coverage";
import { useFormat } from "@/i18n/format";
import classes from "./coverage.module.css";
import { Meter, Swatch } from "./meter";

const parts = ["analysed", "notAnalysed", "failed", "unresolved"] as const;
const fills = { analysed: "good", notAnalysed: "unknown", failed: "bad", unresolved: "open" } as const;

/** Running images by what is known of them, as a bar. */
export function CoverageMeter({ coverage, small = false }: { coverage: Coverage; small?: boolean }) {
  const { t } = useTranslation();
  return (
    <Meter
      small={small}
      label={t("coverage.ofRunning", { analysed: coverage.analysed, count: coverage.running })}
      parts={parts.map((p) => ({ fill: fills[p], n: coverage[p] }))}
    />
  );
}

/** Coverage as the first number of a page: how much is known, and of what it is not. */
export function CoverageNumber({ coverage }: { coverage: Coverage }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div>
      <p className={classes.number}>
        <strong>{format.percent(coverage.analysed, coverage.running)}</strong>
        <span className="muted">
          {t("coverage.ofRunning", { analysed: format.number(coverage.analysed), count: coverage.running })}
        </span>
      </p>
      <CoverageMeter coverage={coverage} />
      <ul className={classes.legend}>
        {parts.map((p) => (
          <li key={p} className={classes.key}>
            <Swatch fill={fills[p]} />
            <span>{t(`coverage.${p}`)}</span>
            <strong>{format.number(coverage[p])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
