import { severities, type Counts, type Severity } from "@/data/severity";
import { useFormat, useText } from "@/i18n/format";
import classes from "./severity.module.css";

const letters: Record<Severity, string> = { critical: "C", high: "H", medium: "M", low: "L", unspecified: "?" };

/** A severity by letter, word and colour; never by colour alone. */
export function SeverityBadge({ severity }: { severity: Severity }) {
  const t = useText();
  return (
    <span className={classes.chip}>
      <span className={`${classes.letter ?? ""} ${classes[severity] ?? ""}`} aria-hidden>
        {letters[severity]}
      </span>
      <span className={classes.word}>{t(`severity.${severity}`)}</span>
    </span>
  );
}

/** A severity where there is no room for its word, which is told to those who cannot see it. */
export function SeverityLetter({ severity }: { severity: Severity }) {
  const t = useText();
  return (
    <span className={`${classes.letter ?? ""} ${classes[severity] ?? ""}`} role="img" aria-label={t(`severity.${severity}`)} title={t(`severity.${severity}`)}>
      {letters[severity]}
    </span>
  );
}

interface CountsProps {
  counts: Counts;
  /** With words instead of letters, as the number of a page. */
  large?: boolean;
  /** Those to show, where there is no room for all. */
  only?: readonly Severity[];
}

/** How many there are of each severity; the places stay the same, so that rows can be compared. */
export function SeverityCounts({ counts, large = false, only = severities }: CountsProps) {
  const t = useText();
  const format = useFormat();
  return (
    <span className={`${classes.counts ?? ""} ${large ? (classes.large ?? "") : ""}`} role="group" aria-label={t("severity.counts")}>
      {only.map((s) => (
        // The letter is the style's, so that a row of a long list has one element for each.
        <span key={s} className={`${classes.count ?? ""} ${(counts[s] === 0 ? classes.none : classes[s]) ?? ""}`} data-letter={large ? undefined : letters[s]} title={t(`severity.${s}`)}>
          {format.number(counts[s])}
          {large && <small>{t(`severity.${s}`)}</small>}
        </span>
      ))}
    </span>
  );
}
