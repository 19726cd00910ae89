import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { severities, type Severity } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import classes from "./filters.module.css";
import { SeverityBadge } from "./severity";

interface FilterBarProps {
  children?: ReactNode;
  /** What is done with the list, at the far end. */
  end?: ReactNode;
}

export function FilterBar({ children, end }: FilterBarProps) {
  return (
    <div className={`${classes.bar ?? ""} no-print`}>
      {children}
      {end !== undefined && <div className={classes.end}>{end}</div>}
    </div>
  );
}

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A text filter. The slash key leads to it; the address follows when typing pauses. */
export function SearchInput({ label, value, onChange }: SearchProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // What the address was asked to become and is not yet: who goes on typing meanwhile must not lose a letter when it does.
  const [asked, setAsked] = useState<readonly string[]>([]);
  if (value !== known) {
    setKnown(value);
    const own = asked.indexOf(value);
    setAsked(own < 0 ? [] : asked.slice(own + 1));
    if (own < 0) {
      // The address changed for another reason: back, a link, "show all".
      setTyped(value);
    }
  }
  const latest = asked.at(-1) ?? known;
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    if (typed === latest) {
      return;
    }
    const timer = setTimeout(() => {
      setAsked((list) => [...list, typed]);
      change.current(typed);
    }, 150);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, latest]);
  return (
    <TextInput
      className={classes.search ?? ""}
      size="xs"
      type="search"
      data-search
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
    />
  );
}

interface DayProps {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}

/** A day to begin or end with; the browser shows it as people there write days. */
export function DayInput({ label, value, onChange }: DayProps) {
  return (
    <label className={classes.day}>
      <span>{label}</span>
      <input
        type="date"
        value={value ?? ""}
        onChange={(event) => {
          onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value);
        }}
      />
    </label>
  );
}

interface ChoiceProps {
  label: string;
  /** The first stands for no filter, or for the usual order. */
  options: readonly { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}

/** One of a few. The browser's own list: it costs a page nothing, and is at home on every device. */
export function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <select
      className={classes.choice}
      aria-label={label}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    >
      {options.map((o) => (
        <option key={o.value} value={o.value}>
          {o.label}
        </option>
      ))}
    </select>
  );
}

interface ToggleProps {
  pressed: boolean;
  onChange: (pressed: boolean) => void;
  count?: number | undefined;
  children: ReactNode;
  /** Says more than the label. */
  title?: string | undefined;
}

export function Toggle({ pressed, onChange, count, title, children }: ToggleProps) {
  const format = useFormat();
  return (
    <button
      type="button"
      className={classes.toggle}
      aria-pressed={pressed}
      title={title}
      onClick={() => {
        onChange(!pressed);
      }}
    >
      {children}
      {count !== undefined && <span className={classes.n}>{format.number(count)}</span>}
    </button>
  );
}

interface SeverityFilterProps {
  value: readonly Severity[];
  onChange: (value: Severity[]) => void;
  counts?: Record<Severity, number> | undefined;
}

/** Any of the severities; none chosen means all. */
export function SeverityFilter({ value, onChange, counts }: SeverityFilterProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.group} role="group" aria-label={t("severity.filter")}>
      {severities.map((s) => (
        <Toggle
          key={s}
          pressed={value.includes(s)}
          count={counts?.[s]}
          onChange={(pressed) => {
            onChange(severities.filter((other) => (other === s ? pressed : value.includes(other))));
          }}
        >
          <SeverityBadge severity={s} />
        </Toggle>
      ))}
    </div>
  );
}

/** Links to the parts of a page; each part has an address. */
export function TabBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={`${classes.tabs ?? ""} no-print`} aria-label={label}>
      {children}
    </nav>
  );
}

/** The looks of a link in a {@link TabBar}. */
export const tabClass = classes.tab ?? "";

export function TabCount({ n }: { n: number | undefined }) {
  const format = useFormat();
  return n === undefined ? null : <span className={classes.tabCount}>{format.number(n)}</span>;
}
