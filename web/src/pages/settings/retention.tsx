import { Button, NumberInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { mostDays, previewQuery, retained, retentionQuery, useSetRetention, type Retention } from "@/data/retention";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import classes from "./data.module.css";

/** For how long what is kept, to be set by owners. */
export function RetentionSection() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(retentionQuery);
  const owner = useMay("administer");
  return (
    <Section title={t("data.retention.title")} padded>
      {error && !data && <ErrorState error={error} retry={refetch} />}
      {data && (owner ? <Form key={JSON.stringify(data)} ages={data} /> : <Reading ages={data} />)}
      {!data && !error && <div className={classes.waiting} aria-busy="true" />}
      <p className={`${classes.note ?? ""} muted`}>{t("data.retention.keeps")}</p>
    </Section>
  );
}

/** The ages for those who may not set them. */
function Reading({ ages }: { ages: Retention }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <dl className={classes.rows}>
        {retained.map((what) => (
          <div key={what} className={classes.row}>
            <dt>
              <span className={classes.name}>{t(`data.retention.${what}.label`)}</span>
              <p className="muted">{t(`data.retention.${what}.text`)}</p>
            </dt>
            <dd>{ages[what] === 0 ? t("data.retention.forEver") : format.days(ages[what])}</dd>
          </div>
        ))}
      </dl>
      <p className={`${classes.note ?? ""} muted`}>{t("data.retention.readOnly")}</p>
    </>
  );
}

/** How long one types before it is asked what would be removed. */
const pause = 400;

function Form({ ages }: { ages: Retention }) {
  const { t } = useTranslation();
  const set = useSetRetention();
  const [typed, setTyped] = useState<Record<keyof Retention, number | string>>(ages);
  const wanted = { images: daysOf(typed.images), analyses: daysOf(typed.analyses), audit: daysOf(typed.audit) };
  const changed = retained.some((what) => wanted[what] !== ages[what]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate(wanted);
      }}
    >
      <div className={classes.rows}>
        {retained.map((what) => (
          <div key={what} className={classes.row}>
            <div>
              <label className={classes.name} htmlFor={`retention-${what}`}>
                {t(`data.retention.${what}.label`)}
              </label>
              <p className="muted">{t(`data.retention.${what}.text`)}</p>
            </div>
            <NumberInput
              id={`retention-${what}`}
              size="xs"
              value={typed[what] === 0 ? "" : typed[what]}
              placeholder={t("data.retention.forEver")}
              min={0}
              max={mostDays}
              allowDecimal={false}
              allowNegative={false}
              suffix={t("remediation.suffix")}
              hideControls
              onChange={(value) => {
                setTyped({ ...typed, [what]: value });
              }}
            />
          </div>
        ))}
      </div>
      <Preview ages={wanted} />
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
      <div className={classes.actions}>
        <Button type="submit" size="xs" loading={set.isPending} disabled={!changed}>
          {t("action.save")}
        </Button>
        {changed && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTyped(ages);
            }}
          >
            {t("action.cancel")}
          </Button>
        )}
      </div>
    </form>
  );
}

/** What would be removed now by these ages, before anything is saved. */
function Preview({ ages }: { ages: Retention }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked] = useDebouncedValue(JSON.stringify(ages), pause);
  const { data, error } = useQuery(previewQuery(JSON.parse(asked) as Retention));
  const current = data !== undefined && JSON.stringify(ages) === JSON.stringify({ images: data.retention.images, analyses: data.retention.analyses, audit: data.retention.audit });
  if (error) {
    return <Notice tone="bad">{error.message}</Notice>;
  }
  const parts = current
    ? [
        t("data.preview.images", { count: data.removal.images, n: format.number(data.removal.images) }),
        t("data.preview.packages", { count: data.removal.packages, n: format.number(data.removal.packages) }),
        t("data.preview.layers", { count: data.removal.layers, n: format.number(data.removal.layers) }),
        t("data.preview.profiles", { count: data.removal.profiles, n: format.number(data.removal.profiles) }),
        t("data.preview.analyses", { count: data.removal.analyses, n: format.number(data.removal.analyses) }),
        t("data.preview.audit", { count: data.removal.audit, n: format.number(data.removal.audit) }),
      ]
    : [];
  const off = retained.every((what) => ages[what] === 0);
  return (
    <div className={classes.preview} role="status">
      {off && <p>{t("data.preview.off")}</p>}
      {!off && !current && <p className="muted">{t("data.preview.asking")}</p>}
      {!off && current && (
        <>
          <p>
            <strong>{t("data.preview.title", { size: format.bytes(data.removal.bytes) })}</strong>
          </p>
          <p>{format.list(parts)}</p>
        </>
      )}
    </div>
  );
}

/** An empty field is for ever. */
function daysOf(value: number | string): number {
  const days = Number(value);
  return Number.isFinite(days) ? Math.min(mostDays, Math.max(0, Math.trunc(days))) : 0;
}
