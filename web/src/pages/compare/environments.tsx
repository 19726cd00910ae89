import { IconArrowsDiff } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Toggle } from "@/components/filters";
import { ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { Section } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import { Incomplete, Notice } from "@/components/status";
import type { Column } from "@/components/table";
import {
  repositoryStates,
  useComparedEnvironments,
  type compareEnvironmentsQuery,
  type EnvironmentComparison,
  type RepositoryComparison,
  type RepositoryState,
  type RunningVersion,
} from "@/data/compare";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import type { Counts, Severity } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import { tagOf } from "./changes";
import classes from "./compare.module.css";
import { Standings } from "./standings";
import { RepositorySign } from "./status";

interface Props {
  query: NonNullable<ReturnType<typeof compareEnvironmentsQuery>>;
  after: string;
  before: string;
  at: string | undefined;
}

/** Those that a row has room for; the numbers above have all. */
const worst: readonly Severity[] = ["critical", "high", "medium"];

/** What would change if what runs in one environment took the place of what runs in another. */
export function ComparedEnvironments({ query, after, before, at }: Props) {
  const { t } = useTranslation();
  const list = useRows(query);
  const data = useComparedEnvironments(query);
  const { state, ignoreMinor } = useSearch({ from: "/app/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const columns: Column<RepositoryComparison>[] = [
    {
      id: "repository",
      header: t("compare.repository"),
      cell: (r) => (
        <>
          <RepositoryLink row={r} before={before} at={at} />
          {!r.complete && <Incomplete count={[...r.before, ...r.after].filter((v) => v.state !== "analysed").length} />}
        </>
      ),
    },
    { id: "state", header: t("compare.becomes"), width: "9.5rem", priority: 2, cell: (r) => <RepositorySign state={r.state} /> },
    { id: "versions", header: t("compare.versions"), width: "clamp(7rem, 16cqi, 16rem)", priority: 2, cell: (r) => <Versions row={r} /> },
    { id: "new", header: t("compare.change.new"), width: "10rem", priority: 2, cell: (r) => <Come row={r} counts={r.change.new} /> },
    { id: "fixed", header: t("compare.change.fixed"), width: "10rem", priority: 2, cell: (r) => <Come row={r} counts={r.change.fixed} /> },
    { id: "use", header: t("compare.newInUse"), width: "10rem", priority: 3, cell: (r) => <Come row={r} counts={r.change.newInUse} /> },
  ];
  return (
    <>
      {data && <Missing data={data} />}
      <Numbers data={data} />
      <List
        label={t("compare.repositories")}
        columns={columns}
        list={list}
        rows={list.rows}
        narrowed={state !== undefined}
        keyOf={(r) => r.repository}
        filters={
          <span className={classes.toggles} role="group" aria-label={t("compare.filterStates")}>
            {repositoryStates.map((s) => (
              <Toggle
                key={s}
                pressed={state?.includes(s) === true}
                count={data?.states[fieldOf[s]]}
                onChange={(on) => {
                  const chosen = repositoryStates.filter((other) => (other === s ? on : state?.includes(other)));
                  void navigate({ search: (old) => ({ ...old, state: chosen.length === 0 ? undefined : chosen }), replace: true });
                }}
              >
                {t(`compare.state.${s}`)}
              </Toggle>
            ))}
            <Toggle pressed={ignoreMinor === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, ignoreMinor: on ? true : undefined }), replace: true })}>
              {t("minor.ignore")}
            </Toggle>
          </span>
        }
        minor={data?.minorHidden ?? 0}
        {...(state !== undefined && { clear: () => void navigate({ search: (s) => ({ ...s, state: undefined }), replace: true }) })}
        exports={exportOf("/api/v1/export/compare/environments", { query: { environment: after, toEnvironment: before, at, state, ignoreMinor } })}
        empty={
          <State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.noRepositories.title")}>
            {t("compare.noRepositories.text")}
          </State>
        }
      />
      <Standings after={after} before={before} at={at} />
    </>
  );
}

const fieldOf: Record<RepositoryState, keyof EnvironmentComparison["states"]> = {
  same: "same",
  newer: "newer",
  older: "older",
  different: "different",
  "only-before": "onlyBefore",
  "only-after": "onlyAfter",
};

/** The way to comparing the images themselves, where there are some on both sides. */
function RepositoryLink({ row, before, at }: { row: RepositoryComparison; before: string; at: string | undefined }) {
  const newest = row.after.filter((v) => v.state === "analysed").at(-1);
  const name = <ImageName name={row.repository} digest="" />;
  const known = row.before.find((v) => v.state === "analysed");
  if (newest !== undefined && known !== undefined) {
    return (
      <Link to="/compare" search={{ image: newest.digest, toEnvironment: before, at }} data-row>
        {name}
      </Link>
    );
  }
  const digest = (newest ?? known ?? row.after[0] ?? row.before[0])?.digest;
  return digest === undefined ? (
    name
  ) : (
    <Link to="/images/$digest" params={{ digest }} data-row>
      {name}
    </Link>
  );
}

function Versions({ row }: { row: RepositoryComparison }) {
  const tags = (list: RunningVersion[]) => list.map((v) => tagOf(row.repository, v.name, v.digest)).join(", ");
  const [before, after] = [tags(row.before), tags(row.after)];
  const text = row.state === "same" || after === "" ? before : before === "" ? after : `${before} → ${after}`;
  return (
    <span className="mono" title={text}>
      {text}
    </span>
  );
}

function Come({ row, counts }: { row: RepositoryComparison; counts: Counts }) {
  return row.state === "same" || row.state === "only-before" ? <span className="muted" data-none>–</span> : <SeverityCounts counts={counts} only={worst} />;
}

function Numbers({ data }: { data: EnvironmentComparison | undefined }) {
  const { t } = useTranslation();
  return (
    <div className={classes.numbers}>
      {(["new", "fixed"] as const).map((change) => (
        <Section key={change} title={t(`compare.title.${change}`)} padded>
          <div className={classes.number}>
            {data && (
              <>
                <SeverityCounts counts={data.change[change]} />
                <span className={`${classes.note ?? ""} muted`}>{t("compare.ofThemInUse")}</span>
                <SeverityCounts counts={data.change[change === "new" ? "newInUse" : "fixedInUse"]} />
              </>
            )}
          </div>
        </Section>
      ))}
    </div>
  );
}

/** What runs and is in no row. */
function Missing({ data }: { data: EnvironmentComparison }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sides = [data.after, data.before].map((e) => ({ name: e.name, at: e.at, missing: e.coverage.running - e.coverage.analysed })).filter((e) => e.missing > 0);
  if (sides.length === 0) {
    return null;
  }
  return (
    <Notice tone="warn">
      {sides.map((e) => (
        <p key={`${e.name} ${e.at ?? ""}`}>{t("compare.missing", { count: e.missing, n: format.number(e.missing), name: e.name })}</p>
      ))}
    </Notice>
  );
}
