import { useTranslation } from "react-i18next";
import { Toggle } from "@/components/filters";
import { spans, type Span } from "@/data/exposure";
import classes from "./exposure.module.css";

/** How many days to look back on. */
export function SpanFilter({ value, onChange }: { value: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.group} role="group" aria-label={t("exposure.span")}>
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
