import { Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { CopyButton } from "@/components/copy";
import { Choice, SearchInput, SeverityFilter, Toggle } from "@/components/filters";
import { InUseState, type Place } from "@/components/in-use";
import { List } from "@/components/list";
import { severityWidth } from "@/components/narrow";
import { useOpenRows } from "@/components/open-rows";
import { PackageType } from "@/components/package-type";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { Decided } from "@/components/suppressed";
import { Threat } from "@/components/threat";
import { WhyButton, WhyOf, whyWidth } from "@/components/why";
import { exportOf } from "@/data/export";
import { findingsQuery, imageQuery, inUseStates, packagesQuery, usageQuery, type Finding } from "@/data/images";
import { whole } from "@/data/pages";
import type { Severity } from "@/data/severity";
import { advisoriesQuery, heldEcosystems } from "@/data/system";
import { mayBeVulnerability } from "@/data/why";
import { useFormat } from "@/i18n/format";
import { count, groupByPackage, passes, type Group } from "./groups";
import classes from "./image.module.css";
import { LayerFilter } from "./layer-filter";
import { layersByPackage } from "./layers";
import { WhyNot } from "./why-not";

type Row = { group: Group } | { finding: Finding };

const none: readonly Severity[] = [];

/** What is vulnerable in an image, by package. */
export function ImageFindings({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { severity = none, use, fixable = false, kev = false, discounted = false, suppressed = false, q = "", layer, why } = useSearch({ from: "/app/images/$digest" });
  const navigate = useNavigate({ from: "/images/$digest" });
  const answer = useQuery(findingsQuery(digest, environment));
  const { data: advisories } = useQuery(advisoriesQuery);
  const held = advisories && heldEcosystems(advisories);
  // Only a layer asks for the packages, which say where they lie.
  const layers = useQuery({ ...packagesQuery(digest), enabled: layer !== undefined });
  const packages = layers.data;
  const all = suppressed ? answer.data?.suppressed : discounted ? answer.data?.notAffected : answer.data?.findings;
  const places = useMemo(() => packages && layersByPackage(packages.packages), [packages]);
  const shown = useMemo(
    () => all?.filter((f) => passes(f, { severity, use, fixable, kev, q }) && (layer === undefined || places?.get(f.package.purl)?.has(layer))),
    [all, severity, use, fixable, kev, q, layer, places],
  );
  const rows = useMemo(
    () => shown && groupByPackage(shown).flatMap((group): Row[] => [{ group }, ...group.findings.map((finding) => ({ finding }))]),
    [shown],
  );

  const [asking, setAsking] = useState(false);
  const ask = (vulnerability: string | undefined) => void navigate({ search: (s) => ({ ...s, why: vulnerability }), replace: true });
  const { isOpen, toggle } = useOpenRows();

  const { data: image } = useQuery(imageQuery(digest));
  const [explained, setExplained] = useState(false);
  const { data: usage } = useQuery({ ...usageQuery(digest, environment), enabled: explained });
  const runs = useMemo(() => image?.environments.filter((e) => environment === undefined || e === environment) ?? [], [image, environment]);
  const seenOf = (purl: string) => runs.map((e): Place => ({ environment: e, state: usage?.places.find((p) => p.environment === e)?.packages[purl] }));

  const columns: Column<Row>[] = [
    {
      id: "severity",
      header: t("severity.title"),
      headless: "narrow",
      width: severityWidth,
      cell: (r) => ("finding" in r ? <SeverityBadge severity={r.finding.severity} /> : null),
    },
    {
      id: "id",
      header: t("vulnerability.id"),
      wrap: true,
      cell: (r) =>
        "finding" in r ? (
          <>
            <Link to="/vulnerabilities/$id" params={{ id: r.finding.id }}>
              <strong>{r.finding.id}</strong>
            </Link>{" "}
            <CopyButton text={r.finding.id} label={t("vulnerability.copy", { id: r.finding.id })} />{" "}
            <span className="muted">{otherNames(r.finding).join(", ")}</span>
            {r.finding.suppressed !== undefined && <Decided by={r.finding.suppressed} />}
          </>
        ) : null,
    },
    {
      id: "score",
      header: t("vulnerability.score"),
      width: "6rem",
      end: true,
      priority: 2,
      cell: (r) =>
        "finding" in r && r.finding.cvss ? (
          <span title={r.finding.cvss.vector}>
            <span className="muted">{`v${r.finding.cvss.version}`}</span> {r.finding.cvss.score.toFixed(1)}
          </span>
        ) : (
          <span className="muted">—</span>
        ),
    },
    { id: "threat", header: t("threat.column"), width: "9.5rem", priority: 2, cell: (r) => ("finding" in r ? <Threat of={r.finding} /> : null) },
    {
      id: "fixed",
      header: t("vulnerability.fixedIn"),
      width: "clamp(6.5rem, 24cqi, 24rem)",
      cell: (r) =>
        "finding" in r ? (
          r.finding.fixedVersion === null ? (
            <span className="muted">{t("vulnerability.noFix")}</span>
          ) : (
            <span className="mono" title={r.finding.fixedVersion}>
              {r.finding.fixedVersion}
            </span>
          )
        ) : null,
    },
    {
      id: "why",
      header: t("why.ask"),
      headless: true,
      width: whyWidth,
      end: true,
      cell: (r) =>
        "finding" in r ? (
          <WhyButton
              label={t("why.askOf", { id: r.finding.id, name: r.finding.package.name })}
              open={isOpen(keyOfFinding(r.finding))}
              onClick={() => {
                toggle(keyOfFinding(r.finding));
              }}
            />
        ) : null,
    },
  ];

  return (
    <>
      {(asking || why !== undefined) && (
        <WhyNot
          digest={digest}
          environment={environment}
          asked={why}
          onAsk={ask}
          onClose={() => {
            setAsking(false);
            ask(undefined);
          }}
        />
      )}
      <List
        label={t("image.tab.vulnerabilities")}
        columns={columns}
        list={whole(answer.data === undefined || layer === undefined ? answer : places ? answer : layers, all)}
        rows={rows}
        shown={shown?.length}
        keyOf={(r) => ("group" in r ? r.group.package.purl : keyOfFinding(r.finding))}
        detail={(r) =>
          "finding" in r && isOpen(keyOfFinding(r.finding)) ? (
            <WhyOf digest={digest} vulnerability={r.finding.id} package={r.finding.package.name} purl={r.finding.package.purl} environment={environment} heads={false} />
          ) : null
        }
        group={(r) => ("group" in r ? <PackageHead group={r.group} places={seenOf(r.group.package.purl)} onExplain={() => { setExplained(true); }} /> : null)}
        filters={
          <>
            <SearchInput
              label={t("findings.filter")}
              value={q}
              onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
            />
            <SeverityFilter
              value={severity}
              counts={all && count(all)}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, severity: chosen.length === 0 ? undefined : chosen }), replace: true })}
            />
            <Choice
              label={t("inUse.filter")}
              options={[{ value: "", label: t("inUse.any") }, ...inUseStates.map((u) => ({ value: u, label: t(`inUse.${u}`) }))]}
              value={use ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, use: inUseStates.find((u) => u === chosen) }), replace: true })}
            />
            <LayerFilter digest={digest} />
            <Toggle
              pressed={fixable}
              count={all?.filter((f) => f.fixedVersion !== null).length}
              onChange={(on) => void navigate({ search: (s) => ({ ...s, fixable: on ? true : undefined }), replace: true })}
            >
              {t("vulnerability.fixable")}
            </Toggle>
            <Toggle
              pressed={kev}
              count={all?.filter((f) => f.kev !== null).length}
              onChange={(on) => void navigate({ search: (s) => ({ ...s, kev: on ? true : undefined }), replace: true })}
            >
              {t("threat.exploited")}
            </Toggle>
            {(discounted || (answer.data?.notAffected.length ?? 0) > 0) && (
              <Toggle
                pressed={discounted}
                count={answer.data?.notAffected.length}
                onChange={(on) => void navigate({ search: (s) => ({ ...s, discounted: on ? true : undefined }), replace: true })}
              >
                {t("findings.discounted")}
              </Toggle>
            )}
            {(suppressed || (answer.data?.suppressed.length ?? 0) > 0) && (
              <Toggle
                pressed={suppressed}
                count={answer.data?.suppressed.length}
                onChange={(on) => void navigate({ search: (s) => ({ ...s, suppressed: on ? true : undefined }), replace: true })}
              >
                {t("decisions.suppressed")}
              </Toggle>
            )}
            <Toggle
              pressed={asking || why !== undefined}
              onChange={(on) => {
                setAsking(on);
                if (!on) {
                  ask(undefined);
                }
              }}
            >
              {t("why.not.button")}
            </Toggle>
          </>
        }
        noMatch={
          mayBeVulnerability(q) && (
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                ask(q.trim());
              }}
            >
              {t("why.not.of", { id: q.trim() })}
            </Button>
          )
        }
        clear={() =>
          void navigate({ search: (s) => ({ ...s, severity: undefined, use: undefined, fixable: undefined, kev: undefined, discounted: undefined, suppressed: undefined, q: undefined, layer: undefined }), replace: true })
        }
        exports={exportOf("/api/v1/export/images/{digest}/findings", { path: { digest }, query: { environment, severity, use, fixable, kev, discounted, q, layer } })}
        empty={
          <State icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />} title={t("findings.none.title")}>
            {held?.length === 0 ? t("findings.none.noAdvisories") : t("findings.none.text", { ecosystems: format.list(held ?? []) })}
          </State>
        }
      />
    </>
  );
}

/** Its names that tell more than who says so: DEBIAN-CVE-2026-1 has CVE-2026-1 in it. */
function otherNames({ id, aliases }: Finding): string[] {
  return aliases.filter((name) => !name.endsWith(`-${id}`));
}

function keyOfFinding(f: Finding): string {
  return `${f.package.purl} ${f.id}`;
}

function PackageHead({ group, places, onExplain }: { group: Group; places: readonly Place[]; onExplain: () => void }) {
  const { name, version, type, source } = group.package;
  const { t } = useTranslation();
  return (
    <span className={classes.package}>
      <span className="cut" title={group.package.purl}>
        <Link to="/packages/$type" params={{ type }} search={{ name }}>
          {name}
        </Link>{" "}
        <span className="muted">{version}</span>
      </span>
      <PackageType type={type} />
      <span className={classes.rest}>
        {source !== "" && <span className="muted">{t("package.from", { source })}</span>}
        <span className={classes.use}>
          <InUseState state={group.inUse} places={places} onOpen={onExplain} />
        </span>
        <SeverityCounts counts={group.counts} />
      </span>
    </span>
  );
}
