import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import classes from "./connect.module.css";

export interface Choice {
  value: string;
  label: ReactNode;
  note?: ReactNode;
}

interface ChoicesProps {
  legend: string;
  choices: readonly Choice[];
  value: string | undefined;
  onChoose: (value: string) => void;
}

/** From how many on one searches rather than looks, and how many are shown at most. */
const searchFrom = 8;
const most = 100;

/** One of a list, which can be searched when it is long. What is chosen always shows. */
export function Choices({ legend, choices, value, onChoose }: ChoicesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useId();
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const matching = choices.filter((c) => c.value === value || c.value.toLowerCase().includes(wanted));
  const shown = matching.filter((c, i) => i < most || c.value === value);
  return (
    <fieldset className={classes.choices}>
      <legend>{legend}</legend>
      {choices.length >= searchFrom && (
        <TextInput
          type="search"
          size="xs"
          aria-label={t("connect.search")}
          placeholder={t("connect.search")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault(); // it searches, and does not go on
            }
          }}
        />
      )}
      <div className={classes.list}>
        {shown.map((c, i) => (
          <label key={c.value} className={classes.choice}>
            <input
              type="radio"
              name={name}
              value={c.value}
              checked={c.value === value}
              data-first={i === 0 || undefined}
              onChange={() => {
                onChoose(c.value);
              }}
            />
            <span className={classes.choiceLabel}>{c.label}</span>
            {c.note !== undefined && <span className="muted">{c.note}</span>}
          </label>
        ))}
      </div>
      {choices.length >= searchFrom && (
        <p className="muted" role="status">
          {t("list.shown", { count: shown.length, n: format.number(shown.length) })}
          {matching.length > shown.length && <> · {t("list.more")}</>}
        </p>
      )}
    </fieldset>
  );
}
