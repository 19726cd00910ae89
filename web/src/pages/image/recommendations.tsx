import { IconBulb, IconMinus, IconPlus, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Code } from "@/components/code";
import { ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { shortDigest } from "@/components/name-parts";
import { PackageType } from "@/components/package-type";
import { Facts, Section } from "@/components/page";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { InUseSign, Notice } from "@/components/status";
import type { Column } from "@/components/table";
import type { Image } from "@/data/images";
import { whole } from "@/data/pages";
import { fromOf, recommendationsQuery, type BaseReason, type PackageUpgrade, type RankedBase, type Recommendations, type Upgrades } from "@/data/recommendations";
import { useFormat } from "@/i18n/format";
import classes from "./image.module.css";

const urgent = ["critical", "high"] as const;

/** What to change so that an image has fewer vulnerabilities: what it is built on, and which packages it has. */
export function ImageRecommendations({ digest, image }: { digest: string; image: Image | undefined }) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const answer = useQuery({ ...recommendationsQuery(digest, environment), enabled: image?.state === "analysed" });
  if (image !== undefined && image.state !== "analysed") {
    return (
      <Section>
        <State icon={<IconBulb size={28} stroke={1.5} aria-hidden />} title={t("recommend.notAnalysed")} />
      </Section>
    );
  }
  if (answer.error && answer.data === undefined) {
    return (
      <Section>
        <ErrorState error={answer.error} retry={answer.refetch} />
      </Section>
    );
  }
  const report = answer.data;
  return (
    <>
      {report && <Base of={report} />}
      <Bases
        title={t("recommend.change.title")}
        of={report}
        rows={report?.changes}
        answer={answer}
        empty={<State icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />} title={t(report?.base === undefined ? "recommend.refresh.no-base" : "recommend.change.none")} />}
      />
      <Packages of={report?.upgrades} answer={answer} />
      {report && <Remaining of={report.upgrades} />}
    </>
  );
}

type Answer = Parameters<typeof whole>[0];

/** What the image is built on, and what its tag names now. */
function Base({ of }: { of: Recommendations }) {
  const { t } = useTranslation();
  const format = useFormat();
  const base = of.base;
  const to = of.refresh.to;
  const known = base?.known;
  return (
    <Section title={t("recommend.refresh.title")} padded>
      <div className={classes.stack}>
        {base !== undefined && (
          <Facts
            facts={[
              [
                t("image.base"),
                <span key="base">
                  {known === undefined ? (
                    <span className={classes.words}>{base.reference ?? base.name ?? base.digest}</span>
                  ) : (
                    <Link to="/images/$digest" params={{ digest: known.digest }}>
                      <span className={classes.words}>{base.reference ?? base.name ?? base.digest}</span>
                    </Link>
                  )}{" "}
                  <span className="muted">{t(`base.by.${base.by}`)}</span>
                </span>,
              ],
              [t("base.its"), known === undefined ? <span className="muted">{t("base.unknown")}</span> : <SeverityCounts counts={known.summary} />],
              [t("image.endOfLife"), known?.supported === undefined ? undefined : format.day(known.supported)],
              [
                t("recommend.tags"),
                of.tags === 0 ? undefined : t("recommend.tagsKnown", { n: format.number(of.tags), unknown: format.number(of.notAnalysed) }),
              ],
            ]}
          />
        )}
        <Notice tone={of.refresh.state === "newer" ? "warn" : "info"}>
          <p>
            {t(`recommend.refresh.${of.refresh.state}`, {
              reference: base?.reference ?? "",
              digest: of.refresh.names === undefined ? "" : shortDigest(of.refresh.names),
              day: of.refresh.since === undefined ? "" : format.date(new Date(of.refresh.since)),
            })}
          </p>
        </Notice>
        {to !== undefined && (
          <>
            <SeverityCounts counts={to.summary} />
            <Reasons of={to.reasons} />
            <Code label={t("recommend.dockerfile")}>{`FROM ${fromOf(to)}`}</Code>
          </>
        )}
      </div>
    </Section>
  );
}

interface BasesProps {
  title: string;
  of: Recommendations | undefined;
  rows: RankedBase[] | undefined;
  answer: Answer;
  empty: ReactNode;
}

/** Other bases, the best first, each with what speaks for and against it. */
function Bases({ title, of, rows, answer, empty }: BasesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<RankedBase>[] = [
    {
      id: "base",
      header: t("base.name"),
      cell: (b) => (
        <Link to="/images/$digest" params={{ digest: b.digest }} data-row>
          <ImageName name={b.reference} digest={b.digest} />
        </Link>
      ),
    },
    { id: "vulnerabilities", header: t("base.its"), width: "clamp(9.5rem, 36cqi, 16.5rem)", cell: (b) => <SeverityCounts counts={b.summary} /> },
    { id: "size", header: t("image.size"), width: "6rem", end: true, priority: 2, cell: (b) => format.bytes(b.size) },
    { id: "release", header: t("base.distribution"), width: "9rem", priority: 3, cell: (b) => (b.release === "" ? <span className="muted">—</span> : b.release) },
    { id: "supported", header: t("image.endOfLife"), width: "8rem", priority: 3, cell: (b) => (b.supported === undefined ? <span className="muted">—</span> : format.day(b.supported)) },
  ];
  const more = of?.moreChanges ?? 0;
  return (
    <List
      title={title}
      label={title}
      columns={columns}
      list={whole(answer, rows)}
      rows={rows}
      keyOf={(b) => b.digest}
      skeleton={2}
      detail={(b) => (
        <div className={classes.stack}>
          {b.also.length > 0 && <p className="muted">{t("recommend.also", { names: format.list(b.also) })}</p>}
          <Reasons of={b.reasons} />
          <Code label={t("recommend.dockerfile")}>{`FROM ${fromOf(b)}`}</Code>
        </div>
      )}
      aside={more > 0 && <span className="muted">{t("base.more", { count: more, n: format.number(more) })}</span>}
      empty={empty}
    />
  );
}

/** What speaks for a base, then what speaks against it; the sign says which. */
function Reasons({ of }: { of: BaseReason[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = (r: BaseReason) => {
    const n = r.count ?? 0;
    const size = r.name === "smaller" || r.name === "larger";
    const day = (text: string | undefined) => (text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? format.day(text) : (text ?? ""));
    return t(`recommend.reason.${r.name}`, { count: n, n: size ? format.bytes(n) : format.number(n), from: day(r.from), to: day(r.to) });
  };
  return (
    <ul className={classes.reasons}>
      {of.map((r) => (
        <li key={`${r.name} ${r.to ?? ""}`}>
          {r.for ? <IconPlus size={14} role="img" aria-label={t("recommend.for")} /> : <IconMinus size={14} role="img" aria-label={t("recommend.against")} />}
          {words(r)}
        </li>
      ))}
    </ul>
  );
}

type Step = { base: NonNullable<Upgrades["base"]> } | { upgrade: PackageUpgrade };

/** The smallest set of upgrades: the base first, as it clears what else would be a step of its own. */
function Packages({ of, answer }: { of: Upgrades | undefined; answer: Answer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = of && [...(of.base === undefined ? [] : [{ base: of.base }]), ...of.packages.map((upgrade): Step => ({ upgrade }))];
  const columns: Column<Step>[] = [
    {
      id: "what",
      header: t("recommend.upgrade.what"),
      wrap: true,
      cell: (s) =>
        "base" in s ? (
          <strong>{t("recommend.upgrade.base", { reference: s.base.reference })}</strong>
        ) : (
          <>
            <PackageType type={s.upgrade.type} /> <strong>{s.upgrade.name}</strong> {s.upgrade.inBase && <span className={classes.base}>{t("recommend.upgrade.inBase")}</span>}
          </>
        ),
    },
    {
      id: "to",
      header: t("recommend.upgrade.to"),
      width: "30%",
      wrap: true,
      cell: (s) =>
        "base" in s ? (
          <span className="mono">{s.base.pin === undefined ? "" : shortDigest(s.base.pin)}</span>
        ) : (
          <span className="mono">
            {s.upgrade.from} → {s.upgrade.to}
          </span>
        ),
    },
    { id: "clears", header: t("recommend.upgrade.clears"), width: "8rem", cell: (s) => <SeverityCounts counts={"base" in s ? s.base.clears : s.upgrade.clears} only={urgent} /> },
    { id: "leaves", header: t("recommend.upgrade.leaves"), width: "6rem", end: true, priority: 3, cell: (s) => ("base" in s ? "" : format.number(s.upgrade.leaves)) },
    { id: "use", header: t("use.inUse"), width: "9rem", priority: 2, cell: (s) => ("base" in s ? null : <InUseSign state={s.upgrade.inUse} />) },
  ];
  return (
    <List
      title={t("recommend.upgrade.title")}
      label={t("recommend.upgrade.title")}
      aside={
        of &&
        of.steps > 0 && (
          <span className="muted">
            {t("recommend.upgrade.sum", { count: of.steps, n: format.number(of.steps), cleared: format.number(of.cleared.critical + of.cleared.high), all: format.number(of.total.critical + of.total.high) })}
          </span>
        )
      }
      columns={columns}
      list={whole(answer, rows)}
      rows={rows}
      keyOf={(s) => ("base" in s ? "base" : `${s.upgrade.type} ${s.upgrade.name} ${s.upgrade.from} ${s.upgrade.to}`)}
      skeleton={3}
      detail={(s) =>
        "base" in s ? (
          <p className="muted">{t("recommend.upgrade.in", { names: format.list(s.base.packages) })}</p>
        ) : (
          <p className={classes.words}>
            {s.upgrade.cleared.map((c, i) => (
              <span key={c.id}>
                {i > 0 && ", "}
                <Link to="/vulnerabilities/$id" params={{ id: c.id }}>
                  {c.id}
                </Link>
              </span>
            ))}
          </p>
        )
      }
      empty={
        <State
          icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />}
          title={t(of !== undefined && of.total.critical + of.total.high > 0 ? "recommend.upgrade.noFix" : "recommend.upgrade.none")}
        />
      }
    />
  );
}

/** What no upgrade clears. */
function Remaining({ of }: { of: Upgrades }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.remaining.length === 0) {
    return null;
  }
  const n = of.remaining.length + (of.moreRemaining ?? 0);
  return (
    <Section title={t("recommend.remaining.title", { count: n, n: format.number(n) })} padded>
      <ul className={classes.reasons}>
        {of.remaining.map((r) => (
          <li key={`${r.id} ${r.package}`}>
            <SeverityBadge severity={r.severity} />
            <Link to="/vulnerabilities/$id" params={{ id: r.id }}>
              {r.id}
            </Link>
            <span className={classes.words}>
              {r.name} {r.version}
            </span>
            <span className="muted">{t(`recommend.remaining.${r.why}`)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
