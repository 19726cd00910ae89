import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Toggle } from "@/components/filters";
import { MomentField } from "@/components/moment-field";
import { Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Notice } from "@/components/status";
import { environmentQuery } from "@/data/environments";
import { daysBefore, daysBetween, moment, written } from "@/data/moment";
import { useFormat } from "@/i18n/format";
import { RunningImages } from "./images";
import { Numbers } from "./numbers";
import classes from "./environment.module.css";

/** Moments one often asks for, in days before now. */
const offers = [1, 7, 30, 90] as const;

/** How far back the slider reaches, in days; the field beside it has no such end. */
const reach = 90;

/** What ran in an environment at a time in the past, which the address holds. */
export function WhatRanThen({ name }: { name: string }) {
  const { t } = useTranslation();
  const { at } = useSearch({ from: "/app/environments/$name" });
  return (
    <>
      <Picker at={at} />
      {at === undefined ? (
        <Section>
          <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("then.choose.title")}>
            {t("then.choose.text")}
          </State>
        </Section>
      ) : (
        <Then name={name} at={at} />
      )}
    </>
  );
}

function Then({ name, at }: { name: string; at: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: environment, error, refetch } = useQuery(environmentQuery(name, { at }));
  if (error && !environment) {
    return (
      <Section>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  return (
    <>
      <div role="status">
        <Notice tone="warn">
          <p>
            <strong>{t("then.banner", { moment: format.moment(new Date(at)) })}</strong>
          </p>
          <p>
            {t("then.today")} {t("then.noUse")}
          </p>
        </Notice>
      </div>
      {environment?.coverage.running === 0 ? (
        <Section>
          <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("then.nothing.title")}>
            {environment.knownSince !== undefined && environment.knownSince > at
              ? t("then.nothing.before", { moment: format.moment(new Date(environment.knownSince)) })
              : t("then.nothing.text")}
          </State>
        </Section>
      ) : (
        <>
          <Numbers environment={environment} />
          <RunningImages name={name} at={at} />
        </>
      )}
    </>
  );
}

/** Chooses the time: by a field, by how long ago, or by sliding over the last months. */
function Picker({ at }: { at: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate({ from: "/environments/$name" });
  // Of when the page was opened, so that what is chosen does not drift while one looks.
  const [now] = useState(() => new Date());
  const chosen = at === undefined ? undefined : moment(at);
  const go = (to: Date) => void navigate({ search: (s) => ({ ...s, at: written(to > now ? now : to) }), replace: true });
  const back = chosen ? Math.round(daysBetween(chosen, now)) : 0;
  return (
    <div className={`${classes.picker ?? ""} no-print`}>
      <MomentField label={t("then.moment")} value={chosen} latest={now} onChange={go} />
      <div className={classes.offers} role="group" aria-label={t("then.offers")}>
        {offers.map((days) => (
          <Toggle
            key={days}
            pressed={chosen !== undefined && Math.abs(daysBetween(chosen, now) - days) < 1 / 24}
            onChange={() => {
              go(daysBefore(now, days));
            }}
          >
            {t("then.daysAgo", { count: days })}
          </Toggle>
        ))}
      </div>
      <Slider
        label={t("then.slider")}
        back={Math.min(reach, back)}
        text={(days) => format.date(daysBefore(now, days))}
        onChange={(days) => {
          go(daysBefore(now, days));
        }}
      />
    </div>
  );
}

interface SliderProps {
  label: string;
  /** Days before now. */
  back: number;
  text: (days: number) => string;
  onChange: (days: number) => void;
}

/** The last months from left to right; the address follows when sliding pauses. */
function Slider({ label, back, text, onChange }: SliderProps) {
  const [days, setDays] = useState(back);
  const [before, setBefore] = useState(back);
  if (back !== before) {
    setBefore(back);
    setDays(back);
  }
  useEffect(() => {
    if (days === back) {
      return;
    }
    const timer = setTimeout(() => {
      onChange(days);
    }, 400);
    return () => {
      clearTimeout(timer);
    };
  });
  return (
    <label className={classes.slider}>
      <span>{label}</span>
      <input
        type="range"
        min={-reach}
        max={0}
        step={1}
        value={-days}
        aria-valuetext={text(days)}
        onChange={(event) => {
          setDays(-Number(event.currentTarget.value));
        }}
      />
      <output>{text(days)}</output>
    </label>
  );
}
