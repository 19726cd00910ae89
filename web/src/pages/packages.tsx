import { IconComponents } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { AnalyseButton } from "@/components/analyse";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { Choice, SearchInput, Toggle } from "@/components/filters";
import { LeftOut } from "@/components/left-out";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { SeverityCounts } from "@/components/severity";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { PackageType } from "@/components/package-type";
import { Used } from "@/components/used";
import { latestIndexed } from "@/data/environments";
import { exportOf } from "@/data/export";
import { packageListQuery, packageTypes, usePackagesLeftOut, type PackageSummary } from "@/data/packages";
import { useRows } from "@/data/pages";
import { useFormat } from "@/i18n/format";

export function PackagesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { q, type, vulnerable, suppressed, notSeen, inUse, sort = "name" } = useSearch({ from: "/app/packages" });
  const navigate = useNavigate({ from: "/packages" });
  const filter = { environment, q, type, vulnerable, suppressed, notSeen, inUse, sort };
  const query = packageListQuery(filter);
  const list = useRows(query);
  const left = usePackagesLeftOut(query);
  // The order by the worst has only packages that have something.
  const only = vulnerable === true || sort === "worst";

  // Only of one environment, or of what is in use, the server counts what is.
  const counted = inUse === true || (environment !== undefined && environment !== latestIndexed);
  const columns: Column<PackageSummary>[] = [
    {
      id: "name",
      header: t("package.name"),
      wrap: true,
      sort: {
        direction: "ascending",
        active: sort === "name",
        choose: () => void navigate({ search: (s) => ({ ...s, sort: undefined }), replace: true }),
      },
      cell: (p) => (
        <Link to="/packages/$type" params={{ type: p.type }} search={{ name: p.name }} data-row>
          <strong>{p.name}</strong> <PackageType type={p.type} />
        </Link>
      ),
    },
    {
      id: "vulnerabilities",
      header: t("nav.vulnerabilities"),
      width: "clamp(9.5rem, 36cqi, 16.5rem)",
      sort: {
        direction: "descending",
        active: sort === "worst",
        choose: () => void navigate({ search: (s) => ({ ...s, sort: "worst" }), replace: true }),
      },
      cell: (p) => <SeverityCounts counts={p.summary} />,
    },
    ...(counted ? [{ id: "use", header: t("use.inUse"), width: "6rem", end: true, priority: 2 as const, cell: (p: PackageSummary) => <Used loaded={p.inUse} all={p.summary} /> }] : []),
    { id: "versions", header: t("package.versions"), width: "5.5rem", end: true, priority: 2, cell: (p) => format.number(p.versions) },
    { id: "images", header: t("nav.images"), width: "5.5rem", end: true, priority: 2, cell: (p) => format.number(p.images) },
    {
      id: "environments",
      header: t("image.runsIn"),
      width: environmentsWidth,
      priority: 2,
      cell: (p) => <EnvironmentNames names={p.environments} />,
    },
  ];
  const types = type === undefined || packageTypes.some((known) => known === type) ? packageTypes : [type, ...packageTypes];
  return (
    <Page title={t("nav.packages")} lead={environment === undefined ? t("packages.lead") : environment === latestIndexed ? t("environment.latest.packages") : t("packages.leadIn", { environment })}>
      <List
        label={t("nav.packages")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(p) => `${p.type} ${p.name}`}
        filters={
          <>
            <SearchInput
              label={t("packages.filter")}
              value={q ?? ""}
              onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })}
            />
            <Choice
              label={t("package.type")}
              options={[{ value: "", label: t("packages.anyType") }, ...types.map((name) => ({ value: name, label: name }))]}
              value={type ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, type: chosen === "" ? undefined : chosen }), replace: true })}
            />
            <Toggle
              pressed={only}
              onChange={(on) => void navigate({ search: (s) => ({ ...s, vulnerable: on ? true : undefined, sort: on ? s.sort : undefined }), replace: true })}
            >
              {t("packages.vulnerable")}
            </Toggle>
            {only && (
              <>
                <LeftOut label={t("decisions.show")} n={left.suppressed} shown={suppressed === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, suppressed: on }), replace: true })} />
                <LeftOut label={t("use.leftOut")} about={t("use.leftOutAbout")} n={left.notSeen} shown={notSeen === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, notSeen: on }), replace: true })} />
              </>
            )}
            <Toggle pressed={inUse === true} onChange={(on) => void navigate({ search: (s) => ({ ...s, inUse: on ? true : undefined }), replace: true })}>
              {t("use.inUse")}
            </Toggle>
          </>
        }
        narrowed={q !== undefined || type !== undefined || inUse === true || only}
        clear={() => void navigate({ search: (s) => ({ ...s, q: undefined, type: undefined, vulnerable: undefined, suppressed: undefined, notSeen: undefined, inUse: undefined, sort: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/packages", { query: filter })}
        empty={
          <State
            icon={<IconComponents size={28} stroke={1.5} aria-hidden />}
            title={environment === undefined ? t("packages.noneAtAll") : t("images.noneIn.title", { environment })}
            actions={<AnalyseButton variant="filled" />}
          >
            {t(environment === undefined ? "images.none.text" : "images.noneIn.text")}
          </State>
        }
      />
    </Page>
  );
}
