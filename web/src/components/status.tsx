import { VisuallyHidden } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconEye,
  IconEyeOff,
  IconHelpCircle,
  IconInfoCircle,
  IconPlayerPause,
  IconProgress,
  IconQuestionMark,
  IconTrash,
  type Icon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Analysis } from "@/data/analyses";
import type { Gap } from "@/data/coverage";
import type { Image, InUse } from "@/data/images";
import type { Integration } from "@/data/integrations";
import type { Exposure } from "@/data/exposure";
import type { Compliance } from "@/data/policies";
import type { Repository } from "@/data/push";
import { total, type Counts } from "@/data/severity";
import { useFormat, useText } from "@/i18n/format";
import classes from "./status.module.css";

type Tone = "good" | "warn" | "bad" | "quiet";

/** A state by icon, word and colour. */
function Status({ tone, icon: Sign, children }: { tone: Tone; icon: Icon; children: ReactNode }) {
  return (
    <span className={`${classes.status ?? ""} ${classes[tone] ?? ""}`}>
      <Sign size={15} stroke={1.75} aria-hidden />
      {children}
    </span>
  );
}

const imageStates: Record<Image["state"], [Tone, Icon]> = {
  analysed: ["good", IconCircleCheck],
  found: ["quiet", IconClock],
  failed: ["bad", IconCircleX],
  removed: ["quiet", IconTrash],
};

export function ImageState({ state }: { state: Image["state"] }) {
  const t = useText();
  const [tone, icon] = imageStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`image.state.${state}`)}
    </Status>
  );
}

/** That counts and packages of an image lack what could not be analysed. Nothing if all could. */
export function Incomplete({ count }: { count: number }) {
  const t = useText();
  if (count === 0) {
    return null;
  }
  const what = t("image.incomplete", { count });
  return (
    <span className={`${classes.status ?? ""} ${classes.warn ?? ""}`} role="img" aria-label={what} title={what}>
      <IconAlertTriangle size={15} stroke={1.75} aria-hidden />
    </span>
  );
}

const analysisStates: Record<Analysis["state"], [Tone, Icon]> = {
  queued: ["quiet", IconClock],
  running: ["quiet", IconProgress],
  done: ["good", IconCircleCheck],
  failed: ["bad", IconCircleX],
};

export function AnalysisState({ state }: { state: Analysis["state"] }) {
  const t = useText();
  const [tone, icon] = analysisStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`jobs.state.${state}`)}
    </Status>
  );
}

const integrationStates: Record<Integration["state"], [Tone, Icon]> = {
  connected: ["good", IconCircleCheck],
  pending: ["quiet", IconClock],
  paused: ["quiet", IconPlayerPause],
  degraded: ["warn", IconAlertTriangle],
  failing: ["bad", IconCircleX],
};

export function IntegrationState({ state }: { state: Integration["state"] }) {
  const t = useText();
  const [tone, icon] = integrationStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`integration.state.${state}`)}
    </Status>
  );
}

const repositoryStates: Record<Repository["state"], [Tone, Icon]> = {
  enabled: ["good", IconCircleCheck],
  disabled: ["quiet", IconCircleDashed],
  gone: ["warn", IconQuestionMark],
};

export function RepositoryState({ state }: { state: Repository["state"] }) {
  const t = useText();
  const [tone, icon] = repositoryStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`repositories.state.${state}`)}
    </Status>
  );
}

const gapStates: Record<Gap["state"], [Tone, Icon]> = {
  "not-analysed": ["quiet", IconClock],
  failed: ["bad", IconCircleX],
  unresolved: ["warn", IconQuestionMark],
};

export function GapState({ state }: { state: Gap["state"] }) {
  const t = useText();
  const [tone, icon] = gapStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`gap.state.${state}`)}
    </Status>
  );
}

const inUseStates: Record<InUse, [Tone, Icon]> = {
  "in-use": ["bad", IconEye],
  "not-seen": ["quiet", IconEyeOff],
  "not-observed": ["quiet", IconHelpCircle],
};

/** Whether a runtime saw a package loaded. "Not observed" is no good news and must not look like it. */
export function InUseSign({ state }: { state: InUse }) {
  const t = useText();
  const [tone, icon] = inUseStates[state];
  return (
    <Status tone={tone} icon={icon}>
      {t(`inUse.${state}`)}
    </Status>
  );
}

/** How many vulnerabilities are in packages that a runtime saw loaded, did not, and of which it tells nothing. */
export function InUseCounts({ of }: { of: Record<InUse, Counts> }) {
  const t = useText();
  const format = useFormat();
  return (
    <span className={classes.counts}>
      {inUseOrder.map((state) => {
        const n = total(of[state]);
        const [tone, icon] = inUseStates[state];
        return (
          <span key={state} title={`${t(`inUse.${state}`)}. ${t(`inUse.about.${state}`)}`}>
            <Status tone={n === 0 ? "quiet" : tone} icon={icon}>
              {format.number(n)}
              <VisuallyHidden> {t(`inUse.${state}`)}</VisuallyHidden>
            </Status>
          </span>
        );
      })}
    </span>
  );
}

const inUseOrder: readonly InUse[] = ["in-use", "not-seen", "not-observed"];

/** That a runtime saw a package loaded, where there is no room for the word. */
export function InUseMark() {
  const t = useText();
  return (
    <span className={`${classes.status ?? ""} ${classes.bad ?? ""}`} role="img" aria-label={t("inUse.in-use")} title={t("inUse.about.in-use")}>
      <IconEye size={15} stroke={1.75} aria-hidden />
    </span>
  );
}

/** Whether an exposure lasts, and whether it has for longer than it should. */
export function ExposureStatus({ of: { open, overdue, suppressed, notSeen, episodes } }: { of: Pick<Exposure, "open" | "overdue" | "suppressed" | "notSeen" | "episodes"> }) {
  const t = useText();
  if (!open && episodes.at(-1)?.unwatched) {
    // Nobody looks any more: that is not the same as mended.
    return (
      <Status tone="quiet" icon={IconEyeOff}>
        {t("exposure.unwatched")}
      </Status>
    );
  }
  if (suppressed !== undefined) {
    return (
      <Status tone="quiet" icon={IconEyeOff}>
        {t("exposure.state.suppressed")}
      </Status>
    );
  }
  if (notSeen === true) {
    return (
      <Status tone="quiet" icon={IconEyeOff}>
        {t("exposure.state.not-seen")}
      </Status>
    );
  }
  const [tone, icon, state] = overdue ? (["bad", IconAlertTriangle, "overdue"] as const) : open ? (["warn", IconClock, "open"] as const) : (["good", IconCircleCheck, "closed"] as const);
  return (
    <Status tone={tone} icon={icon}>
      {t(`exposure.state.${state}`)}
    </Status>
  );
}

const complianceStates: Record<Compliance, [Tone, Icon]> = {
  compliant: ["good", IconCircleCheck],
  "non-compliant": ["bad", IconCircleX],
  "no-data": ["warn", IconHelpCircle],
};

/** Whether a policy is met. "No data" is no good news and must not look like it. */
export function PolicyStatus({ status }: { status: Compliance }) {
  const t = useText();
  const [tone, icon] = complianceStates[status];
  return (
    <Status tone={tone} icon={icon}>
      {t(`policy.status.${status}`)}
    </Status>
  );
}

/** Marks a policy that is disabled: it is asked of no image. */
export function DisabledSign() {
  const t = useText();
  return (
    <Status tone="quiet" icon={IconPlayerPause}>
      {t("policy.disabled")}
    </Status>
  );
}

/** Whether something is old enough that newer things are missing in it. */
export function Freshness({ stale }: { stale: boolean }) {
  const t = useText();
  return (
    <Status tone={stale ? "warn" : "good"} icon={stale ? IconAlertTriangle : IconCircleCheck}>
      {t(stale ? "data.advisories.stale" : "data.advisories.fresh")}
    </Status>
  );
}

/** Whether a run of retention is over. */
/** That an update was taken, or how often in a row it failed. */
export function UpdateState({ tries }: { tries: number }) {
  const t = useText();
  return (
    <Status tone={tries === 0 ? "good" : "bad"} icon={tries === 0 ? IconCircleCheck : IconCircleX}>
      {tries === 0 ? t("updates.taken") : t("updates.failed", { count: tries })}
    </Status>
  );
}

export function RetentionState({ ended }: { ended: boolean }) {
  const t = useText();
  return (
    <Status tone={ended ? "good" : "quiet"} icon={ended ? IconCircleCheck : IconProgress}>
      {t(ended ? "data.runs.ended" : "data.runs.underWay")}
    </Status>
  );
}

/** Whether an occurrence goes on. */
export function RunState({ running }: { running: boolean }) {
  const t = useText();
  return (
    <Status tone={running ? "good" : "quiet"} icon={running ? IconCircleCheck : IconCircleDashed}>
      {t(running ? "occurrence.running" : "occurrence.ended")}
    </Status>
  );
}

const noticeIcons: Record<"info" | "warn" | "bad", Icon> = { info: IconInfoCircle, warn: IconAlertTriangle, bad: IconCircleX };

/** A message above what it concerns. */
export function Notice({ tone, children, action }: { tone: "info" | "warn" | "bad"; children: ReactNode; action?: ReactNode }) {
  const Sign = noticeIcons[tone];
  return (
    <div className={`${classes.notice ?? ""} ${classes[tone] ?? ""}`}>
      <Sign size={17} stroke={1.75} aria-hidden />
      <div>{children}</div>
      {action}
    </div>
  );
}
