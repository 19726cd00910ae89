import { IconArrowsDiff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { compareTabs } from "@/app/routes/images";
import { SearchInput, SeverityFilter, TabBar, tabClass, TabCount, Toggle } from "@/components/filters";
import { Digest, ImageName } from "@/components/image-name";
import { InUseState } from "@/components/in-use";
import { List } from "@/components/list";
import { severityWidth } from "@/components/narrow";
import { PackageType } from "@/components/package-type";
import { Section } from "@/components/page";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { Notice, PolicyStatus } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { changes, compareImagesQuery, otherOf, type Change, type ComparedPolicy, type ComparedSide, type Comparison, type FactChange, type FindingChange, type PackageChange, type Sides } from "@/data/compare";
import { exportOf } from "@/data/export";
import { whole } from "@/data/pages";
import { severities, type Severity } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { countChanges, packageOf, shows, versions } from "./changes";
import classes from "./compare.module.css";
import { FindingSign, ThingSign, TrendSign } from "./status";

/** What is of interest first: what is the same on both sides is counted below the list. */
const changed: readonly Change[] = ["new", "fixed"];
const noSeverity: readonly Severity[] = [];

/** One image compared with another, or with several that run. */
export function ComparedImages({ sides }: { sides: Sides }) {
  const { t } = useTranslation();
  const answer = useQuery(compareImagesQuery(sides));
  const { data, error, refetch } = answer;
  const { tab = "vulnerabilities" } = useSearch({ from: "/app/compare" });
  if (error && !data) {
    return (
      <Section>
        <ErrorState error={error} retry={refetch} />
      </Section>
    );
  }
  const counts = { vulnerabilities: data?.findings.length, packages: data?.packages.length, policies: data?.policies?.items.length, image: data?.facts.length };
  return (
    <>
      {data && <Doubts data={data} />}
      <Numbers data={data} />
      <Overview data={data} />
      <TabBar label={t("compare.parts")}>
        {compareTabs.map((name) => (
          <Link
            key={name}
            to="."
            search={(s: object) => ({ ...s, tab: name === "vulnerabilities" ? undefined : name, change: undefined, severity: undefined, q: undefined })}
            className={tabClass}
            aria-current={name === tab ? "page" : undefined}
            activeOptions={{ exact: true }}
            activeProps={{}}
            replace
          >
            {t(`compare.tab.${name}`)}
            <TabCount n={counts[name]} />
          </Link>
        ))}
      </TabBar>
      {tab === "vulnerabilities" && <Findings answer={answer} sides={sides} />}
      {tab === "packages" && <Packages answer={answer} sides={sides} />}
      {tab === "policies" && <Policies data={data} />}
      {tab === "image" && <Facts data={data} />}
    </>
  );
}

/** What could not be judged of either side: that something is not new must not rest on what nobody read. */
function Doubts({ data }: { data: Comparison }) {
  const { t } = useTranslation();
  return (
    <>
      {(["after", "before"] as const).map((side) => {
        const { problems, missingAdvisories, notAnalysed = 0 } = data[side];
        if (problems.length + missingAdvisories.length + notAnalysed === 0) {
          return null;
        }
        return (
          <Notice key={side} tone="warn">
            <p>{t(`compare.doubt.${side}`)}</p>
            {notAnalysed > 0 && <p>{t("compare.doubt.notAnalysed", { count: notAnalysed })}</p>}
            {problems.length > 0 && <p>{t("compare.doubt.problems", { count: problems.length })}</p>}
            {missingAdvisories.length > 0 && (
              <p>
                {t("compare.doubt.advisories")} {missingAdvisories.map((m) => m.ecosystem).join(", ")}
              </p>
            )}
          </Notice>
        );
      })}
    </>
  );
}

function Numbers({ data }: { data: Comparison | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={classes.numbers}>
      {changes.map((change) => (
        <Section key={change} title={t(`compare.title.${change}`)} padded>
          <div className={classes.number}>
            {data && <SeverityCounts counts={data[change]} />}
            <span className={`${classes.note ?? ""} muted`}>{t(`compare.explain.${change}`)}</span>
          </div>
        </Section>
      ))}
    </div>
  );
}

/** What both sides are, next to each other. */
function Overview({ data }: { data: Comparison | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!data) {
    return null;
  }
  const images = (side: ComparedSide, of: (i: ComparedSide["images"][number]) => string) => [...new Set(side.images.map(of))].filter((v) => v !== "").join(", ");
  const rows: [string, (side: ComparedSide) => ReactNode][] = [
    [
      t("image.one"),
      (side) => (
        <>
          {side.images.map((i) => (
            <p key={i.digest}>
              <Link to="/images/$digest" params={{ digest: i.digest }}>
                <ImageName name={i.name} digest={i.digest} />
              </Link>
            </p>
          ))}
        </>
      ),
    ],
    [t("image.digest"), (side) => side.images.map((i) => <p key={i.digest}><Digest value={i.digest} /></p>)],
    [t("image.platform"), (side) => images(side, (i) => i.platform)],
    [t("image.distribution"), (side) => images(side, (i) => i.distribution)],
    [t("image.size"), (side) => images(side, (i) => format.bytes(i.size))],
    [t("image.packages"), (side) => format.number(side.packages)],
    [t("nav.vulnerabilities"), (side) => <SeverityCounts counts={side.summary} />],
    [
      t("health.title"),
      (side) => {
        const score = side === data.after ? data.policies?.scoreAfter : data.policies?.scoreBefore;
        return score === undefined ? <span className="muted">–</span> : t("compare.score", { grade: score.grade, percent: score.percent });
      },
    ],
  ];
  const title = (side: ComparedSide) =>
    side.environment === undefined ? "" : side.at === undefined ? t("compare.inEnvironment", { name: side.environment }) : t("compare.inEnvironmentAt", { name: side.environment, moment: format.moment(new Date(side.at)) });
  return (
    <Section>
      <table className={classes.overview} aria-label={t("compare.sides")}>
        <thead>
          <tr>
            <th scope="col">{t("compare.what")}</th>
            <th scope="col">{t("compare.after")}</th>
            <th scope="col">
              {t("compare.before")} <span>{title(data.before)}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, cell]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{cell(data.after)}</td>
              <td>{cell(data.before)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

interface Answer {
  data: Comparison | undefined;
  error: Error | null;
  refetch: () => Promise<unknown>;
}

interface PartProps {
  answer: Answer;
  sides: Sides;
}

function Findings({ answer, sides }: PartProps) {
  const { t } = useTranslation();
  const { change = changed, severity = noSeverity, q = "" } = useSearch({ from: "/app/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const all = answer.data?.findings;
  const rows = useMemo(() => all?.filter((f) => shows(f, { change, severity, q })), [all, change, severity, q]);
  const counts = all && countChanges(all);
  const columns: Column<FindingChange>[] = [
    { id: "change", header: t("compare.becomes"), width: "clamp(6.5rem, 16cqi, 8rem)", cell: (f) => <FindingSign change={f.change} /> },
    {
      id: "severity",
      header: t("severity.title"),
      headless: "narrow",
      width: severityWidth,
      cell: (f) => (
        <>
          <SeverityBadge severity={f.finding.severity} />
          {f.was !== undefined && f.was.severity !== f.finding.severity && <span className="muted"> {t("compare.was", { what: t(`severity.${f.was.severity}`) })}</span>}
        </>
      ),
    },
    {
      id: "id",
      header: t("vulnerability.id"),
      width: "max(10rem, 24cqi)",
      cell: (f) => (
        <Link to="/vulnerabilities/$id" params={{ id: f.finding.id }} data-row>
          <strong>{f.finding.id}</strong>
        </Link>
      ),
    },
    {
      id: "package",
      header: t("package.name"),
      wrap: true,
      priority: 2,
      cell: (f) => {
        const { name, version } = packageOf(f);
        return (
          <span title={`${name} ${version}`}>
            {name} <span className="muted">{version}</span>
          </span>
        );
      },
    },
    {
      id: "fixed",
      header: t("vulnerability.fixedIn"),
      width: "clamp(7rem, 18cqi, 18rem)",
      priority: 2,
      cell: (f) =>
        f.finding.fixedVersion === null ? (
          <span className="muted">{t("vulnerability.noFix")}</span>
        ) : (
          <span className="mono" title={f.finding.fixedVersion}>
            {f.finding.fixedVersion}
          </span>
        ),
    },
    { id: "use", header: t("inUse.title"), width: "9rem", priority: 2, cell: (f) => <InUseState state={f.finding.inUse} /> },
  ];
  return (
    <List
      label={t("compare.tab.vulnerabilities")}
      columns={columns}
      list={whole(answer, all)}
      rows={rows}
      keyOf={(f) => `${f.change} ${f.finding.package.purl} ${f.finding.id} ${f.was?.package.purl ?? ""}`}
      filters={
        <>
          <SearchInput
            label={t("findings.filter")}
            value={q}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
          />
          <span className={classes.toggles} role="group" aria-label={t("compare.filter")}>
            {changes.map((c) => (
              <Toggle
                key={c}
                pressed={change.includes(c)}
                count={counts?.[c]}
                onChange={(on) => void navigate({ search: (s) => ({ ...s, change: changes.filter((other) => (other === c ? on : change.includes(other))) }), replace: true })}
              >
                {t(`compare.change.${c}`)}
              </Toggle>
            ))}
          </span>
          <Toggle pressed={sides.ignoreMinor === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, ignoreMinor: on ? true : undefined }), replace: true })}>
            {t("minor.ignore")}
          </Toggle>
          <SeverityFilter
            value={severity}
            onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length === 0 ? undefined : severities.filter((one) => chosen.includes(one)) }), replace: true })}
          />
        </>
      }
      minor={(answer.data?.after.minorHidden ?? 0) + (answer.data?.before.minorHidden ?? 0)}
      clear={() => void navigate({ search: (s) => ({ ...s, change: [...changes], severity: undefined, q: undefined, ignoreMinor: undefined }), replace: true })}
      exports={exportOf("/api/v1/export/compare", { query: { image: sides.image, ...otherOf(sides), change, severity, q } })}
      empty={<State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.noFindings")} />}
    />
  );
}

function Packages({ answer, sides }: PartProps) {
  const { t } = useTranslation();
  const { change = changed, q = "" } = useSearch({ from: "/app/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const all = answer.data?.packages;
  const withSame = change.includes("unchanged");
  const rows = useMemo(
    () => all?.filter((p) => (withSame || p.change !== "unchanged") && `${p.name} ${p.before ?? ""} ${p.after ?? ""}`.toLowerCase().includes(q.toLowerCase())),
    [all, withSame, q],
  );
  const columns: Column<PackageChange>[] = [
    { id: "change", header: t("compare.becomes"), width: "9rem", cell: (p) => <ThingSign change={p.change} /> },
    {
      id: "name",
      header: t("package.name"),
      width: "34%",
      cell: (p) => (
        <Link to="/packages/$type" params={{ type: p.type }} search={{ name: p.name }} data-row>
          {p.name}
        </Link>
      ),
    },
    { id: "version", header: t("package.version"), cell: (p) => <span className="mono" title={versions(p)}>{versions(p)}</span> },
    { id: "type", header: t("package.type"), width: "7rem", priority: 2, cell: (p) => <PackageType type={p.type} /> },
  ];
  return (
    <List
      label={t("compare.tab.packages")}
      columns={columns}
      list={whole(answer, all)}
      rows={rows}
      keyOf={(p) => `${p.change} ${p.purl} ${p.before ?? ""}`}
      filters={
        <>
          <SearchInput
            label={t("packages.filter")}
            value={q}
            onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
          />
          <Toggle
            pressed={withSame}
            count={answer.data?.packageCounts.unchanged}
            onChange={(on) => void navigate({ search: (s) => ({ ...s, change: on ? [...changes] : undefined }), replace: true })}
          >
            {t("compare.change.unchanged")}
          </Toggle>
        </>
      }
      clear={() => void navigate({ search: (s) => ({ ...s, change: [...changes], q: undefined }), replace: true })}
      exports={exportOf("/api/v1/export/compare/packages", { query: { image: sides.image, ...otherOf(sides), unchanged: withSame, q } })}
      empty={<State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.noPackages")} />}
    />
  );
}

/** What policies say of both sides by what is in their images. */
function Policies({ data }: { data: Comparison | undefined }) {
  const { t } = useTranslation();
  const words = usePolicyWords();
  const verdict = ({ status, violations }: ComparedPolicy["after"]) => (
    <>
      <PolicyStatus status={status} /> {violations > 0 && <span className="muted">{t("compare.violations", { count: violations })}</span>}
    </>
  );
  const columns: Column<ComparedPolicy>[] = [
    { id: "trend", header: t("compare.becomes"), width: "7rem", priority: 2, cell: (p) => <TrendSign trend={p.trend} /> },
    {
      id: "policy",
      header: t("policy.name"),
      wrap: true,
      cell: (p) => (
        <Link to="/policies/$name" params={{ name: p.policy }} data-row>
          {words.name(p.policy)}
        </Link>
      ),
    },
    { id: "after", header: t("compare.after"), width: "clamp(9.5rem, 24cqi, 24rem)", wrap: true, cell: (p) => <span title={words.says(p.after.says, p.after.reason)}>{verdict(p.after)}</span> },
    { id: "before", header: t("compare.before"), width: "clamp(9.5rem, 24cqi, 24rem)", wrap: true, priority: 2, cell: (p) => <span title={words.says(p.before.says, p.before.reason)}>{verdict(p.before)}</span> },
  ];
  return (
    <Section>
      <Table
        label={t("compare.tab.policies")}
        columns={columns}
        rows={data && (data.policies?.items ?? [])}
        keyOf={(p) => p.policy}
        empty={<State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.noPolicies")} />}
        foot={t("compare.aboutPolicies")}
      />
    </Section>
  );
}

function Facts({ data }: { data: Comparison | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = (f: FactChange, text: string | undefined) =>
    text === undefined ? <span className="muted">–</span> : <span className="mono">{f.fact === "size" ? format.bytes(Number(text)) : text}</span>;
  const columns: Column<FactChange>[] = [
    { id: "change", header: t("compare.becomes"), width: "clamp(6.5rem, 14cqi, 9rem)", cell: (f) => <ThingSign change={f.change} /> },
    {
      id: "what",
      header: t("compare.what"),
      width: "26%",
      wrap: true,
      cell: (f) => (
        <>
          {t(`compare.fact.${f.fact}`)} {f.name !== undefined && <span className="mono">{f.name}</span>}
        </>
      ),
    },
    { id: "after", header: t("compare.after"), wrap: true, cell: (f) => value(f, f.after) },
    { id: "before", header: t("compare.before"), wrap: true, width: "clamp(10rem, 32cqi, 32rem)", priority: 2, cell: (f) => value(f, f.before) },
  ];
  const several = data !== undefined && (data.after.images.length > 1 || data.before.images.length > 1);
  return (
    <Section>
      <Table
        label={t("compare.tab.image")}
        columns={columns}
        rows={data?.facts}
        keyOf={(f) => `${f.fact} ${f.name ?? ""}`}
        empty={<State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={several ? t("compare.several") : t("compare.noFacts")} />}
      />
    </Section>
  );
}
