import { Button, NumberInput, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { Notice } from "@/components/status";
import { mostProfileDays, useChangeEnvironment, type Environment } from "@/data/environments";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import classes from "./environment.module.css";

/** How old the profiles of an environment are, and for how long they tell what was not seen. */
export function Profiles({ environment }: { environment: Environment }) {
  const { t } = useTranslation();
  const format = useFormat();
  const owner = useMay("connect");
  return (
    <Section title={t("profile.title")} padded>
      <p className={classes.about}>{t("profile.about")}</p>
      <p className={classes.about}>
        {environment.profilesAsOf === undefined ? (
          t("profile.none")
        ) : (
          <>
            {t("profile.oldest")} <Ago at={environment.profilesAsOf} />
          </>
        )}
      </p>
      {owner ? (
        <>
          <Days key={environment.profileDays} name={environment.name} days={environment.profileDays} />
          <Discount name={environment.name} discount={environment.discountNotSeen} />
        </>
      ) : (
        <p className={classes.about}>
          {t("profile.days")}: {environment.profileDays === 0 ? t("profile.forEver") : format.days(environment.profileDays)}{" "}
          <span className="muted">{t("profile.readOnly")}</span>
        </p>
      )}
      {!owner && environment.discountNotSeen && <p className={classes.about}>{t("profile.discounted")}</p>}
    </Section>
  );
}

/** Whether what was not seen loaded counts. */
function Discount({ name, discount }: { name: string; discount: boolean }) {
  const { t } = useTranslation();
  const set = useChangeEnvironment(name);
  return (
    <div className={classes.discount}>
      <Switch
        size="sm"
        label={t("profile.discount")}
        description={t("profile.discountAbout")}
        checked={set.isPending ? set.variables.discountNotSeen === true : discount}
        onChange={(event) => {
          set.mutate({ discountNotSeen: event.currentTarget.checked });
        }}
      />
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
    </div>
  );
}

function Days({ name, days }: { name: string; days: number }) {
  const { t } = useTranslation();
  const set = useChangeEnvironment(name);
  const [typed, setTyped] = useState<number | string>(days);
  const wanted = daysOf(typed);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate({ profileDays: wanted });
      }}
    >
      <div className={classes.days}>
        <NumberInput
          size="xs"
          label={t("profile.days")}
          value={typed === 0 ? "" : typed}
          placeholder={t("profile.forEver")}
          min={0}
          max={mostProfileDays}
          allowDecimal={false}
          allowNegative={false}
          suffix={t("remediation.suffix")}
          hideControls
          onChange={setTyped}
        />
        <Button type="submit" size="xs" loading={set.isPending} disabled={wanted === days}>
          {t("action.save")}
        </Button>
        {wanted !== days && (
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setTyped(days);
            }}
          >
            {t("action.cancel")}
          </Button>
        )}
      </div>
      {set.error && <Notice tone="bad">{set.error.message}</Notice>}
    </form>
  );
}

/** An empty field is for ever. */
function daysOf(value: number | string): number {
  const days = Number(value);
  return Number.isFinite(days) ? Math.min(mostProfileDays, Math.max(0, Math.trunc(days))) : 0;
}
