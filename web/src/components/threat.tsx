import { IconFlame } from "@tabler/icons-react";
import type { Vulnerability } from "@/data/vulnerabilities";
import { useFormat, useText } from "@/i18n/format";
import classes from "./threat.module.css";

type Known = Pick<Vulnerability, "kev" | "epss">;

/** That a vulnerability is known to be exploited, or else how likely it will be; a dash if neither is known. */
export function Threat({ of }: { of: Known }) {
  const t = useText();
  const format = useFormat();
  if (!of.kev && !of.epss) {
    return <span className="muted" data-none>—</span>;
  }
  return (
    <span className={classes.threat}>
      {of.kev && <Exploited kev={of.kev} />}
      {of.epss && <span title={t("threat.epssAbout", { percentile: format.likelihood(of.epss.percentile) })}>{format.likelihood(of.epss.score)}</span>}
    </span>
  );
}

/** The mark of what CISA lists. */
export function Exploited({ kev }: { kev: NonNullable<Known["kev"]> }) {
  const t = useText();
  const format = useFormat();
  return (
    <span className={classes.exploited} title={kev.due === undefined ? t("threat.listed", { day: format.day(kev.added) }) : t("threat.listedDue", { day: format.day(kev.added), due: format.day(kev.due) })}>
      <IconFlame size={14} stroke={2} aria-hidden />
      {t("threat.exploited")}
    </span>
  );
}
