import { Link } from "@tanstack/react-router";
import { Trans, useTranslation } from "react-i18next";
import { daysBetween } from "@/data/moment";
import type { Cause, Episode } from "@/data/exposure";
import { useFormat } from "@/i18n/format";
import { useNow } from "./ago";
import classes from "./episodes.module.css";
import { ImageName } from "./image-name";
import { shortDigest, splitName } from "./name-parts";
import { beginOf, layOut } from "./timeline";

interface EpisodesProps {
  /** The newest first. */
  episodes: readonly Episode[];
  /** How many there are in all. */
  count: number;
  environment: string;
  /** When it was first found in something that ran there. */
  knownSince: string;
}

/** Times of exposure: as bars over a line of time, and in words with what began and ended each. */
export function Episodes({ episodes, count, environment, knownSince }: EpisodesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  // The clock moves in steps; what just began is still before now.
  const to = Math.max(useNow(), ...episodes.map((e) => new Date(e.since).getTime()));
  const from = beginOf(episodes, to);
  const places = layOut(episodes, from, to);
  return (
    <div className={classes.episodes}>
      <div className={classes.track} aria-hidden>
        {places.map(
          (place, i) =>
            place && (
              <span
                key={episodes[i]?.since}
                className={`${classes.bar ?? ""} ${episodes[i]?.until === null ? (classes.lasting ?? "") : ""} ${place.cut ? (classes.cut ?? "") : ""}`}
                style={{ insetInlineStart: `${place.start}%`, width: `${place.length}%` }}
              />
            ),
        )}
      </div>
      <div className={classes.ends} aria-hidden>
        <span>{to - from > 2 * 86_400_000 ? format.date(new Date(from)) : format.moment(new Date(from))}</span>
        <span>{t("exposure.now")}</span>
      </div>
      <p>{t("exposure.knownSince", { moment: format.moment(new Date(knownSince)) })}</p>
      <ol className={classes.list}>
        {episodes.map((e) => (
          <li key={e.since}>
            <span className={classes.when}>
              <time dateTime={e.since}>{format.moment(new Date(e.since))}</time>
              {" – "}
              {e.until === null ? t("exposure.now") : <time dateTime={e.until}>{format.moment(new Date(e.until))}</time>}
              <span className="muted"> · {format.days(daysBetween(new Date(e.since), e.until === null ? new Date(to) : new Date(e.until)))}</span>
            </span>
            <span className={classes.cause}>
              <CauseText cause={e.came} kind="came" environment={environment} />
            </span>
            {e.went && (
              <span className={classes.cause}>
                <CauseText cause={e.went} kind="went" unwatched={e.unwatched === true} environment={environment} />
              </span>
            )}
          </li>
        ))}
      </ol>
      {count > episodes.length && <p className="muted">{t("exposure.earlier", { count: count - episodes.length })}</p>}
    </div>
  );
}

/** What changed last, in a few words: what ended an episode, or what began the one that lasts. */
export function LastChange({ episode }: { episode: Episode }) {
  const { t } = useTranslation();
  const { image = "", digest = "", kind } = episode.went ?? episode.came;
  const { base, tag } = splitName(image);
  if (episode.unwatched === true) {
    return t("exposure.short.went.unwatched", { image: image === "" ? shortDigest(digest) : base + tag });
  }
  return t(`exposure.short.${episode.went ? "went" : "came"}.${kind}`, { image: image === "" ? shortDigest(digest) : base + tag });
}

function CauseText({ cause, kind, unwatched = false, environment }: { cause: Cause; kind: "came" | "went"; unwatched?: boolean; environment: string }) {
  const { t } = useTranslation();
  const { digest, image = "" } = cause;
  if (digest === undefined) {
    return t(unwatched ? "exposure.cause.went.unwatchedUnknown" : `exposure.cause.${kind}.${cause.kind}Unknown`);
  }
  return (
    <Trans
      i18nKey={unwatched ? "exposure.cause.went.unwatched" : `exposure.cause.${kind}.${cause.kind}`}
      components={{
        image: (
          <Link className={classes.image} to="/images/$digest" params={{ digest }} search={{ environment }}>
            <ImageName name={image} digest={digest} />
          </Link>
        ),
      }}
    />
  );
}
