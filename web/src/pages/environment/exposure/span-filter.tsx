import { useTranslation } from "react-i18next";
import { Toggle } from "@/components/filters";
import { spans, type Span } from "@/data/exposure";
import classes from "./exposure.module.css";

interface SpanFilterProps {
  value: Span;
  /** What is looked at for so long, where it is not plain. */
  label?: string;
  onChange: (span: Span) => void;
}

/** How many days to look back on. */
export function SpanFilter({ value, label, onChange }: SpanFilterProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.group} role="group" aria-label={label ?? t("exposure.span")}>
      {spans.map((span) => (
        <Toggle
          key={span}
          pressed={span === value}
          onChange={() => {
            onChange(span);
          }}
        >
          {t("exposure.days", { count: span })}
        </Toggle>
      ))}
    </div>
  );
}
