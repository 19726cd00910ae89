import { IconArrowUpCircle, IconTag, IconWorldQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { RunningImage } from "@/data/environments";
import { useFormat, useText } from "@/i18n/format";
import { shortDigest } from "./name-parts";
import classes from "./warnings.module.css";

type Warning = RunningImage["warnings"][number];

const icons = { "tag-moved": IconTag, "newer-version": IconArrowUpCircle, "unknown-registry": IconWorldQuestion };

/**
 * That there is something to know of an image because it runs, in two words each; the evidence is told by Warnings. Several
 * are signs only, so that they leave the name its room.
 */
export function WarningSigns({ warnings }: { warnings: Warning[] }) {
  const t = useText();
  const kinds = [...new Set(warnings.map((w) => w.kind))];
  return kinds.map((kind) => {
    const Sign = icons[kind];
    return (
      <span key={kind} className={`${classes.sign ?? ""} ${kinds.length > 1 ? (classes.short ?? "") : ""}`} title={t(`warning.${kind}`)}>
        <Sign size={14} stroke={1.75} aria-hidden />
        {t(`warning.${kind}`)}
      </span>
    );
  });
}

/** What is to know of an image because it runs, with the images it is about and since when. */
export function Warnings({ warnings }: { warnings: Warning[] }) {
  const t = useText();
  const format = useFormat();
  if (warnings.length === 0) {
    return null;
  }
  return (
    <ul className={classes.list}>
      {warnings.map((w) => {
        const Sign = icons[w.kind];
        return (
          <li key={`${w.kind} ${w.reference}`}>
            <Sign size={15} stroke={1.75} aria-hidden />
            <span>
              {t(`warning.${w.kind}-since`, { reference: w.reference, time: w.since === undefined ? "" : format.moment(new Date(w.since)) })}{" "}
              {w.digest !== undefined && (
                <Link to="/images/$digest" params={{ digest: w.digest }}>
                  {shortDigest(w.digest)}
                </Link>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
