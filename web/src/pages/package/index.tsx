import { Button, Skeleton } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { CopyButton } from "@/components/copy";
import { EnvironmentLinks } from "@/components/environment-links";
import { EnvironmentNames, environmentsWidth } from "@/components/environment-names";
import { Holders } from "@/components/holders";
import { severityWidth } from "@/components/narrow";
import { PackageType } from "@/components/package-type";
import { Page, Section } from "@/components/page";
import { SeverityBadge, SeverityCounts } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { Table, type Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { countsOf, packageImagesQuery, packageQuery, vulnerabilitiesOf, type ListedVersion, type PackageDetail, type PackageVulnerability } from "@/data/packages";
import { useRows } from "@/data/pages";
import { useRemember } from "@/data/recents";
import { useFormat } from "@/i18n/format";
import classes from "./package.module.css";

/** One package over all images: its versions, what is wrong with them, and where they are. */
export function PackagePage() {
  const { t } = useTranslation();
  const { type } = useParams({ from: "/app/packages/$type" });
  const { name, version } = useSearch({ from: "/app/packages/$type" });
  const navigate = useNavigate({ from: "/packages/$type" });
  const environment = useEnvironment();
  const { data, error, refetch } = useQuery(packageQuery(type, name));
  const list = useRows(packageImagesQuery(type, name, environment, version));
  useRemember(data && { kind: "package", type, name });
  const crumbs = [<Link key="packages" to="/packages">{t("nav.packages")}</Link>];
  if (error && !data) {
    return (
      <Page title={name} crumbs={crumbs}>
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      </Page>
    );
  }
  const images = environment === undefined ? t("package.images") : t("package.imagesIn", { environment });
  return (
    <Page
      title={name}
      crumbs={crumbs}
      heading={
        <>
          {name} <PackageType type={type} /> <CopyButton text={name} label={t("vulnerability.copy", { id: name })} />
        </>
      }
      lead={<Lead detail={data} />}
    >
      <Versions detail={data} chosen={version} />
      <Vulnerabilities detail={data} />
      <Holders
        title={version === undefined ? images : t("package.ofVersion", { title: images, version })}
        aside={
          version !== undefined && (
            <Button variant="subtle" size="compact-xs" onClick={() => void navigate({ search: (s) => ({ ...s, version: undefined }), replace: true })}>
              {t("package.anyVersion")}
            </Button>
          )
        }
        list={list}
        environment={environment}
        of="package"
        empty={t("package.noImages")}
        exports={exportOf("/api/v1/export/packages/{type}/images", { path: { type }, query: { name, version, environment } })}
      />
    </Page>
  );
}

function Lead({ detail }: { detail: PackageDetail | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!detail) {
    return <Skeleton height={12} width="min(24rem, 90%)" mt={6} mb={2} />;
  }
  return (
    <div className={classes.lead}>
      <SeverityCounts counts={detail.summary} />
      <span>{t("package.versionCount", { count: detail.versions, n: format.number(detail.versions) })}</span>
      <span>{t("environment.imageCount", { count: detail.images, n: format.number(detail.images) })}</span>
      <EnvironmentLinks names={detail.environments} />
    </div>
  );
}

function Versions({ detail, chosen }: { detail: PackageDetail | undefined; chosen: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<ListedVersion>[] = [
    {
      id: "version",
      header: t("package.version"),
      cell: (v) => (
        <Link
          to="."
          search={(s: object) => ({ ...s, version: v.version === chosen ? undefined : v.version })}
          aria-current={v.version === chosen ? "true" : undefined}
          activeProps={{}}
          title={v.purl}
          data-row
          replace
        >
          <span className="mono">{v.version === "" ? "—" : v.version}</span>
        </Link>
      ),
    },
    { id: "vulnerabilities", header: t("nav.vulnerabilities"), width: "clamp(9.5rem, 36cqi, 16.5rem)", cell: (v) => <SeverityCounts counts={countsOf(v)} /> },
    {
      id: "ecosystem",
      header: t("jobs.ecosystem"),
      width: "11rem",
      priority: 3,
      cell: (v) => (v.ecosystem === "" ? <span className="muted">{t("package.notMatched")}</span> : v.ecosystem),
    },
    { id: "source", header: t("package.source"), width: "clamp(6rem, 12cqi, 12rem)", priority: 3, cell: (v) => <span className="muted">{v.source}</span> },
    { id: "images", header: t("nav.images"), width: "5.5rem", end: true, priority: 2, cell: (v) => format.number(v.images) },
    {
      id: "environments",
      header: t("image.runsIn"),
      width: environmentsWidth,
      priority: 2,
      cell: (v) => <EnvironmentNames names={v.environments} />,
    },
  ];
  const more = detail ? detail.versions - detail.list.length : 0;
  return (
    <Section title={t("package.versions")}>
      <Table
        label={t("package.versions")}
        columns={columns}
        rows={detail?.list}
        keyOf={(v) => `${v.purl} ${v.ecosystem} ${v.source}`}
        skeleton={2}
        empty={null}
        foot={more > 0 ? t("vulnerability.more", { count: more, n: format.number(more) }) : undefined}
      />
    </Section>
  );
}

function Vulnerabilities({ detail }: { detail: PackageDetail | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<PackageVulnerability>[] = [
    { id: "severity", header: t("severity.title"), headless: "narrow", width: severityWidth, cell: (v) => <SeverityBadge severity={v.severity} /> },
    {
      id: "id",
      header: t("vulnerability.id"),
      cell: (v) => (
        <Link to="/vulnerabilities/$id" params={{ id: v.id }} data-row>
          <strong>{v.id}</strong>
        </Link>
      ),
    },
    { id: "score", header: t("vulnerability.score"), width: "4.5rem", end: true, priority: 2, cell: (v) => (v.score === 0 ? <span className="muted">—</span> : v.score.toFixed(1)) },
    { id: "versions", header: t("package.affected"), width: "clamp(10rem, 28cqi, 28rem)", priority: 2, cell: (v) => <span className="mono" title={v.versions.join("\n")}>{format.list(v.versions)}</span> },
    {
      id: "fixed",
      header: t("vulnerability.fixedIn"),
      width: "28%",
      cell: (v) =>
        v.fixedIn.length === 0 ? (
          <span className="muted">{t("vulnerability.noFix")}</span>
        ) : (
          <span className="mono" title={v.fixedIn.join("\n")}>
            {format.list(v.fixedIn)}
          </span>
        ),
    },
  ];
  return (
    <Section title={t("nav.vulnerabilities")}>
      <Table
        label={t("nav.vulnerabilities")}
        columns={columns}
        rows={detail && vulnerabilitiesOf(detail.list)}
        keyOf={(v) => v.id}
        skeleton={2}
        empty={
          <State icon={<IconShieldCheck size={28} stroke={1.5} aria-hidden />} title={t("findings.none.title")}>
            {t("package.noneKnown")}
          </State>
        }
      />
    </Section>
  );
}
