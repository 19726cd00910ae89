import {
  IconArrowDown,
  IconArrowUp,
  IconCheck,
  IconEqual,
  IconMinus,
  IconPlus,
  IconQuestionMark,
  IconReplace,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ComparedPolicy, FindingChange, PackageChange, RepositoryState } from "@/data/compare";
import classes from "./compare.module.css";

type Tone = "good" | "bad" | "quiet" | "plain";

function Sign({ tone, icon: Mark, children }: { tone: Tone; icon: Icon; children: string }) {
  return (
    <span className={`${classes.change ?? ""} ${classes[tone] ?? ""}`}>
      <Mark size={15} stroke={1.75} aria-hidden />
      {children}
    </span>
  );
}

const findings: Record<FindingChange["change"], [Tone, Icon]> = { new: ["bad", IconPlus], fixed: ["good", IconCheck], unchanged: ["quiet", IconEqual] };

/** What became of a finding, by icon, word and colour. */
export function FindingSign({ change }: { change: FindingChange["change"] }) {
  const { t } = useTranslation();
  const [tone, icon] = findings[change];
  return (
    <Sign tone={tone} icon={icon}>
      {t(`compare.change.${change}`)}
    </Sign>
  );
}

const things: Record<PackageChange["change"], [Tone, Icon]> = {
  added: ["plain", IconPlus],
  removed: ["plain", IconMinus],
  upgraded: ["good", IconArrowUp],
  downgraded: ["bad", IconArrowDown],
  changed: ["plain", IconReplace],
  unchanged: ["quiet", IconEqual],
};

/** What became of a package, or of what an image says of itself. */
export function ThingSign({ change }: { change: PackageChange["change"] }) {
  const { t } = useTranslation();
  const [tone, icon] = things[change];
  return (
    <Sign tone={tone} icon={icon}>
      {t(`compare.change.${change}`)}
    </Sign>
  );
}

const trends: Record<ComparedPolicy["trend"], [Tone, Icon]> = { better: ["good", IconCheck], worse: ["bad", IconArrowDown], same: ["quiet", IconEqual], unclear: ["plain", IconQuestionMark] };

/** What the side after means for a policy. */
export function TrendSign({ trend }: { trend: ComparedPolicy["trend"] }) {
  const { t } = useTranslation();
  const [tone, icon] = trends[trend];
  return (
    <Sign tone={tone} icon={icon}>
      {t(`compare.trend.${trend}`)}
    </Sign>
  );
}

const repositories: Record<RepositoryState, [Tone, Icon]> = {
  same: ["quiet", IconEqual],
  newer: ["plain", IconArrowUp],
  older: ["bad", IconArrowDown],
  different: ["plain", IconQuestionMark],
  "only-before": ["quiet", IconMinus],
  "only-after": ["plain", IconPlus],
};

/** What would become of a repository. */
export function RepositorySign({ state }: { state: RepositoryState }) {
  const { t } = useTranslation();
  const [tone, icon] = repositories[state];
  return (
    <span title={t(`compare.about.${state}`)}>
      <Sign tone={tone} icon={icon}>
        {t(`compare.state.${state}`)}
      </Sign>
    </span>
  );
}
