import i18next, { type TFunction } from "i18next";
import { useSyncExternalStore } from "react";

/** Keeps what is made of a language, or of a language and more: a formatter takes far longer to make than to use. */
function kept<A extends readonly unknown[], T>(make: (...of: A) => T): (...of: A) => T {
  const made = new Map<string, T>();
  return (...of) => {
    const key = of.join(" ");
    let it = made.get(key);
    if (it === undefined) {
      it = make(...of);
      made.set(key, it);
    }
    return it;
  };
}

const relativeFormat = kept((language: string) => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
const unitFormat = kept(
  (language: string, unit: string, unitDisplay: "long" | "short", maximumFractionDigits: number) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay, maximumFractionDigits }),
);

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago" or "in 3 days"; below a minute it is now. */
export function relative(at: Date, now: Date, language: string): string {
  const format = relativeFormat(language);
  const seconds = (at.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) {
      return format.format(Math.trunc(seconds / length), unit);
    }
  }
  return format.format(0, "second");
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size in decimal units, as registries show them. */
export function bytes(n: number, language: string): string {
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  // "117 byte" is short for nothing.
  return unitFormat(language, units[unit] ?? "byte", unit === 0 ? "long" : "short", value < 10 && unit > 0 ? 1 : 0).format(value);
}

/** Splits one of Go's durations, such as 1h5m0s, into seconds. */
export function goDuration(text: string): number {
  const unitOf: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|h|m|s)/g)) {
    seconds += Number(number) * (unitOf[unit ?? "s"] ?? 0);
  }
  return seconds;
}

/** A duration in its largest exact unit: 300 seconds are 5 minutes. */
export function duration(seconds: number, language: string): string {
  const [unit, length] = steps.slice(3).find(([, l]) => seconds >= l && seconds % l === 0) ?? (["second", 1] as const);
  return unitFormat(language, unit, "long", 3).format(seconds / length);
}

/** Seconds as a clock shows them: 0:42, 1:02:05. */
export function clock(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}

/** A wait as one speaks of it: seconds below two minutes, else minutes or hours, rounded up. */
export function wait(seconds: number, language: string): string {
  const [unit, length] = seconds < 120 ? (["second", 1] as const) : seconds < 7200 ? (["minute", 60] as const) : (["hour", 3600] as const);
  return unitFormat(language, unit, "long", 0).format(Math.ceil(seconds / length));
}

/** A span in days, "12 days"; below a day in hours or minutes, as "0 days" is short for nothing. */
export function days(n: number, language: string): string {
  const seconds = n * 86_400;
  const [unit, length] = steps.slice(3).find(([, l]) => seconds >= l) ?? (["minute", 60] as const);
  const value = unit === "minute" ? Math.max(1, Math.round(seconds / length)) : seconds / length;
  return unitFormat(language, unit, "long", value < 10 ? 1 : 0).format(value);
}

const formatsOf = kept((language: string) => {
  const number = new Intl.NumberFormat(language);
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  // As units, Chinese names stand together without anything between them.
  const list = new Intl.ListFormat(language, { type: "conjunction", style: "narrow" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const likelihood = new Intl.NumberFormat(language, { style: "percent", maximumSignificantDigits: 2 });
  return {
    number: (n: number) => number.format(n),
    // 3,999 of 4,000 is not all of them: only a whole is 100 %.
    percent: (part: number, whole: number) => percent.format(whole === 0 ? 0 : Math.floor((part / whole) * 100) / 100),
    /** A probability, 0 to 1; small ones keep what tells them apart. */
    likelihood: (p: number) => likelihood.format(p),
    moment: (at: Date) => moment.format(at),
    date: (at: Date) => date.format(at),
    /** A day that was counted in UTC, as 2026-01-31; the same day wherever one reads it. */
    day: (text: string) => day.format(new Date(`${text}T00:00:00Z`)),
    days: (n: number) => days(n, language),
    clock,
    wait: (seconds: number) => wait(seconds, language),
    relative: (at: Date, now: Date) => relative(at, now, language),
    bytes: (n: number) => bytes(n, language),
    duration: (seconds: number) => duration(seconds, language),
    list: (items: readonly string[]) => list.format(items),
  };
});

function onLanguage(listener: () => void) {
  i18next.on("languageChanged", listener);
  return () => {
    i18next.off("languageChanged", listener);
  };
}

function useLanguage(): string {
  return useSyncExternalStore(onLanguage, () => i18next.language);
}

/** Formats for the language in use. */
export function useFormat() {
  return formatsOf(useLanguage());
}

/** What useTranslation's t is, for cells of long lists: that hook does more than all else in a cell. */
export function useText(): TFunction {
  useLanguage();
  return i18next.t;
}
