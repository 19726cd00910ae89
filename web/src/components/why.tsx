import { Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconEyeOff, IconHelpCircle, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { pageOf } from "@/data/advisory";
import { severities } from "@/data/severity";
import { decidingRanges, marksOf, whyQuery, type ExplainedRange, type ExplainedSource, type Explanation, type PackageReason, type Question, type Why } from "@/data/why";
import { useFormat } from "@/i18n/format";
import { External } from "./external";
import { PackageType } from "./package-type";
import { SeverityBadge } from "./severity";
import { ErrorState } from "./state";
import { Notice } from "./status";
import { Decided } from "./suppressed";
import classes from "./why.module.css";

/** Of many the first are told; who wants all asks the API. */
const mostSources = 8;
const mostNames = 4;
const mostRecorded = 10;

interface WhyProps extends Question {
  /** Only of this package, where several of one name are in the image. */
  purl?: string;
  /** The packages as well; without it of a question that concerns one the head is left out. */
  heads?: boolean;
}

/** Why an image has a vulnerability, or has not: the advisories, the versions that were compared, the rule, and who decided. */
export function WhyOf({ purl, heads = true, ...question }: WhyProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(whyQuery(question));
  if (error && !data) {
    return <ErrorState error={error} retry={refetch} />;
  }
  if (!data) {
    return (
      <div className={classes.why} aria-busy="true" role="status" aria-label={t("why.loading")}>
        <Skeleton height={12} width="60%" />
        <Skeleton height={12} width="80%" />
      </div>
    );
  }
  return <Report why={purl === undefined ? data : { ...data, packages: data.packages.filter((p) => p.package.purl === purl) }} heads={heads} />;
}

/** The width of a column of {@link WhyButton}, which is a sign alone where there is little room. */
export const whyWidth = "clamp(2.375rem, 9cqi, 4.75rem)";

/** Opens an explanation, and closes it. */
export function WhyButton({ label, open, onClick }: { label: string; open: boolean; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className={classes.button} aria-expanded={open} aria-label={label} onClick={onClick}>
      <span>{t("why.ask")}</span>
    </button>
  );
}

function Report({ why, heads }: { why: Why; heads: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [tone, Sign] = why.answer === "found" ? (["bad", IconCircleX] as const) : (["quiet", IconHelpCircle] as const);
  const others = why.vulnerabilities.filter((v) => v !== why.name);
  return (
    <div className={classes.why}>
      {heads && (
        <p className={classes.answer}>
          <Sign size={17} stroke={1.75} className={classes[tone]} aria-hidden />
          <span>
            {t(`why.answer.${why.answer}`, { id: why.name, ecosystems: format.list(why.ecosystems) })}
            {others.length > 0 && <span className="muted"> {t("why.knownAs", { list: format.list(others) })}</span>}
          </span>
        </p>
      )}
      {heads && why.answer === "no-record" && (
        <p className="muted">
          {t("why.next")} <Link to="/settings/jobs">{t("why.nextLink")}</Link>
        </p>
      )}
      {why.packages.map((p) => (
        <Reason key={p.package.purl} reason={p} head={heads} />
      ))}
      {(why.morePackages ?? 0) > 0 && <p className="muted">{t("why.morePackages", { count: why.morePackages, n: format.number(why.morePackages ?? 0) })}</p>}
      {heads && why.answer !== "found" && <Recorded why={why} />}
      {heads && why.answer !== "found" && <Gaps why={why} />}
    </div>
  );
}

const packageSigns: Record<PackageReason["answer"], [string, Icon]> = {
  found: ["bad", IconCircleX],
  suppressed: ["quiet", IconEyeOff],
  discounted: ["quiet", IconCircleCheck],
  "not-affected": ["good", IconCircleCheck],
  "not-matched": ["warn", IconAlertTriangle],
  "not-named": ["quiet", IconHelpCircle],
};

function Reason({ reason, head }: { reason: PackageReason; head: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, version, type, purl } = reason.package;
  const [tone, Sign] = packageSigns[reason.answer];
  const owners = reason.ownedBy?.map((o) => `${o.name} ${o.version}`) ?? [];
  return (
    <section className={classes.package} aria-label={`${name} ${version}`}>
      {head && (
        <p className={classes.head} title={purl}>
          <strong>{name}</strong> <span className="mono">{version}</span> <PackageType type={type} />
          <span className={classes.sign}>
            <Sign size={15} stroke={1.75} className={classes[tone]} aria-hidden /> {t(`why.package.${reason.answer}`)}
          </span>
        </p>
      )}
      {reason.findings.map((f) => f.suppressed !== undefined && <Decided key={f.id} by={f.suppressed} />)}
      {reason.answer === "not-matched" && <p>{owners.length > 0 ? t("why.owned", { owners: format.list(owners) }) : t("why.noDistribution")}</p>}
      {reason.answer === "not-named" && <p>{t("why.noSource")}</p>}
      {reason.explanation && <Sources explanation={reason.explanation} />}
    </section>
  );
}

function Sources({ explanation: e }: { explanation: Explanation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = e.sources.length - mostSources + (e.moreSources ?? 0);
  return (
    <>
      <ol className={classes.sources}>
        {e.sources.slice(0, mostSources).map((s) => (
          <li key={s.advisory} className={s.affected ? undefined : classes.other}>
            <p className={classes.record}>
              <External href={pageOf(s.advisory)}>
                <strong>{s.advisory}</strong>
              </External>
              {s.advisory === e.decidedBy && (
                <>
                  <span className={classes.decides}>{t("why.decides")}</span>
                  {e.decidedWhy !== undefined && <span className="muted">{t(`vulnerability.why.${e.decidedWhy}`)}</span>}
                </>
              )}
              <Outcome source={s} />
            </p>
            <p>
              <Rule source={s} installed={e.ecosystem} />
            </p>
            {decidingRanges(s).map((range, i) => (
              <RangeLine key={`${String(i)} ${range.type}`} range={range} version={s.version} />
            ))}
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted">{t("why.moreSources", { count: more, n: format.number(more) })}</p>}
    </>
  );
}

/** What an advisory that affects the version says of it: how bad, and what mends it. */
function Outcome({ source: s }: { source: ExplainedSource }) {
  const { t } = useTranslation();
  const severity = severities.find((one) => one === s.severity);
  return (
    <>
      {severity !== undefined && <SeverityBadge severity={severity} />}
      {s.score !== undefined && s.score > 0 && <span>{s.score.toFixed(1)}</span>}
      {s.affected && s.fixedVersion !== undefined && <span className="muted">{t("why.fixedIn", { version: s.fixedVersion })}</span>}
      {s.state !== undefined && s.state !== "" && <code>{s.state}</code>}
    </>
  );
}

function Rule({ source: s, installed }: { source: ExplainedSource; installed: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (s.rule === "withdrawn" && s.withdrawn !== undefined) {
    return t("why.rule.withdrawnOn", { day: format.date(new Date(s.withdrawn)) });
  }
  const more = s.releases.length - mostNames;
  const named = format.list(s.releases.slice(0, mostNames));
  const releases = more > 0 ? t("policy.says.more", { list: named, n: format.number(more) }) : named;
  return t(`why.rule.${s.rule}`, { name: s.name, version: s.version, ecosystem: s.ecosystem ?? "", releases, installed });
}

/** The installed version among the events of a range, in the order of versions. */
function RangeLine({ range, version }: { range: ExplainedRange; version: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ol className={classes.range} aria-label={t("why.range", { version })}>
      {marksOf(range, version).map((mark, i) => (
        <li key={`${String(i)} ${mark.kind}`} className={mark.kind === "installed" ? (range.within ? classes.inside : classes.outside) : undefined} data-equal={mark.kind === "installed" && mark.at ? true : undefined}>
          <span>{t(`why.mark.${mark.kind}`)}</span> <span className="mono">{mark.kind === "introduced" && mark.version === "0" ? t("why.mark.first") : mark.version}</span>
        </li>
      ))}
      {(range.moreEvents ?? 0) > 0 && <li className={classes.rest}>{t("why.moreEvents", { count: range.moreEvents, n: format.number(range.moreEvents ?? 0) })}</li>}
    </ol>
  );
}

/** Which packages advisories speak of that are not there. */
function Recorded({ why }: { why: Why }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (why.notInstalled.length === 0) {
    return null;
  }
  const more = why.notInstalled.length - mostRecorded + (why.moreNotInstalled ?? 0);
  return (
    <div>
      <p className="muted">{t("why.notInstalled")}</p>
      <ul className={classes.recorded}>
        {why.notInstalled.slice(0, mostRecorded).map((r) => (
          <li key={`${r.ecosystem} ${r.name}`}>
            <strong>{r.name}</strong> <span className="muted">{r.ecosystem}</span>
          </li>
        ))}
        {more > 0 && <li className="muted">{t("policy.more", { count: more, n: format.number(more) })}</li>}
      </ul>
    </div>
  );
}

/** What is not known, so that "not found" is not taken for more than it is. */
function Gaps({ why }: { why: Why }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (why.problems.length === 0 && why.missingAdvisories.length === 0) {
    return null;
  }
  const packages = why.missingAdvisories.reduce((sum, m) => sum + m.packages, 0);
  return (
    <Notice tone="warn">
      {why.problems.length > 0 && <p>{t("why.problems", { count: why.problems.length })}</p>}
      {packages > 0 && (
        <p>
          {t("omissions.title", { count: packages, n: format.number(packages) })} {format.list(why.missingAdvisories.map((m) => t("omissions.of", { ecosystem: m.ecosystem, n: format.number(m.packages) })))}
        </p>
      )}
    </Notice>
  );
}
