import { Skeleton } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { imageTabs } from "@/app/routes/images";
import { Ago } from "@/components/ago";
import { AnalyseButton } from "@/components/analyse";
import { CompareMenu } from "@/components/compare-menu";
import { EnvironmentLinks } from "@/components/environment-links";
import { TabBar, tabClass, TabCount } from "@/components/filters";
import { Digest, ImageName } from "@/components/image-name";
import { repositoryOf, shortDigest } from "@/components/name-parts";
import { Omissions } from "@/components/omissions";
import { Page, Section } from "@/components/page";
import { StaleAdvisories, ThreatsMissing } from "@/components/stale";
import { ErrorState, State } from "@/components/state";
import { ImageState, Notice } from "@/components/status";
import { Warnings } from "@/components/warnings";
import { findingsQuery, imageQuery, type Image } from "@/data/images";
import { imagePoliciesQuery, type ImagePolicies } from "@/data/policies";
import { useRemember } from "@/data/recents";
import { placeOf } from "@/data/repository";
import { useFormat } from "@/i18n/format";
import { ImageAttestations } from "./attestations";
import { ImageDecisions } from "./decisions";
import { ImageDetails } from "./details";
import { ImageFindings } from "./findings";
import { ImageLayers } from "./layers-tab";
import { ImageOccurrences } from "./occurrences";
import { Health } from "./health";
import { ImagePackages } from "./packages";
import { ImagePolicyTab } from "./policies";
import { ImageRecommendations } from "./recommendations";
import classes from "./image.module.css";

type ImageTab = (typeof imageTabs)[number];

export function ImagePage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { digest } = useParams({ from: "/app/images/$digest" });
  const { tab = "vulnerabilities", layer, kev } = useSearch({ from: "/app/images/$digest" });
  const environment = useEnvironment();
  const { data: image, error, refetch } = useQuery(imageQuery(digest));
  const { data: findings } = useQuery(findingsQuery(digest, environment));
  const { data: policies, isLoading: judging } = useQuery({ ...imagePoliciesQuery(digest, environment), enabled: image?.state === "analysed" });
  useRemember(image && { kind: "image", digest: image.digest, name: image.name });
  const repository = repositoryOf(image?.name ?? "");
  const crumbs = [
    <Link key="images" to="/images">{t("nav.images")}</Link>,
    ...(repository === undefined ? [] : [<Link key="repository" to="/repositories/$host/$" params={placeOf(repository)}>{repository}</Link>]),
  ];

  if (error && !image) {
    return (
      <Page title={shortDigest(digest)} crumbs={crumbs}>
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      </Page>
    );
  }

  const counts = { vulnerabilities: findings?.findings.length, recommendations: undefined, policies: policies?.notMet, layers: image?.layers?.length, packages: image?.state === "removed" ? undefined : image?.packages, attestations: undefined, decisions: undefined, occurrences: undefined, details: undefined };
  return (
    <Page
      title={image?.name ?? shortDigest(digest)}
      crumbs={crumbs}
      heading={image ? <ImageName name={image.name} digest={image.digest} /> : <Skeleton height={20} width="min(24rem, 80%)" mt={4} mb={4} />}
      lead={<Lead image={image} policies={policies} judging={judging} />}
      actions={
        image &&
        (image.state === "analysed" ? <CompareMenu digest={image.digest} /> : image.state === "removed" ? undefined : <AnalyseButton reference={image.name} label={t("analyse.again")} />)
      }
    >
      {image?.state === "failed" && (
        <Notice tone="bad">
          <p>{t("image.failed")}</p>
          <p>{image.reason}</p>
        </Notice>
      )}
      {image !== undefined && image.problemCount > 0 && (
        <Notice
          tone="warn"
          action={
            tab !== "details" && (
              <Link to="." search={(s: object) => ({ ...s, tab: "details" as const })}>
                {t("image.problem.see")}
              </Link>
            )
          }
        >
          <p>{t("image.problems", { count: image.problemCount })}</p>
        </Notice>
      )}
      {image?.endOfLife?.past && (
        <Notice
          tone="warn"
          action={
            <a href={image.endOfLife.source} target="_blank" rel="noreferrer">
              {t("image.endedSource")}
            </a>
          }
        >
          <p>{t("image.ended", { name: image.distribution, day: format.day(image.endOfLife.day) })}</p>
        </Notice>
      )}
      <Omissions image={image} />
      <StaleAdvisories />
      <ThreatsMissing kev={kev === true} epss={false} />
      {image?.warnings !== undefined && <Warnings warnings={image.warnings} />}
      {image?.state === "found" && <Notice tone="info">{t("image.waiting")}</Notice>}
      <TabBar label={t("image.parts")}>
        {imageTabs.map((name) => (
          <Link
            key={name}
            to="."
            search={{ environment, layer, ...(name === "vulnerabilities" ? {} : { tab: name }) }}
            className={tabClass}
            aria-current={name === tab ? "page" : undefined}
            activeOptions={{ exact: true }}
            activeProps={{}}
            replace
          >
            {t(`image.tab.${name}`)}
            <TabCount n={counts[name]} />
          </Link>
        ))}
      </TabBar>
      {image?.state === "removed" && tab !== "occurrences" && <Removed image={image} />}
      {image?.state !== "removed" && <Content tab={tab} digest={digest} image={image} />}
      {tab === "occurrences" && <ImageOccurrences digest={digest} />}
    </Page>
  );
}

/** In place of what retention took: that there was something, and how it comes back. */
function Removed({ image }: { image: Image }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section>
      <State
        icon={<IconTrash size={28} stroke={1.5} aria-hidden />}
        title={t("image.removed.title", { day: image.removed === undefined ? "" : format.date(new Date(image.removed)) })}
        actions={<AnalyseButton reference={image.name} label={t("analyse.again")} />}
      >
        <p>{t("image.removed.text")}</p>
        {image.reason !== undefined && <p>{t("image.removed.failed", { reason: image.reason })}</p>}
      </State>
    </Section>
  );
}

function Content({ tab, digest, image }: { tab: ImageTab; digest: string; image: Image | undefined }) {
  return (
    <>
      {tab === "vulnerabilities" && <ImageFindings digest={digest} />}
      {tab === "recommendations" && <ImageRecommendations digest={digest} image={image} />}
      {tab === "policies" && <ImagePolicyTab digest={digest} image={image} />}
      {tab === "layers" && <ImageLayers digest={digest} />}
      {tab === "packages" && <ImagePackages digest={digest} />}
      {tab === "attestations" && <ImageAttestations digest={digest} image={image} />}
      {tab === "decisions" && <ImageDecisions digest={digest} image={image} />}
      {tab === "details" && <ImageDetails image={image} />}
    </>
  );
}

function Lead({ image, policies, judging }: { image: Image | undefined; policies: ImagePolicies | undefined; judging: boolean }) {
  const { t } = useTranslation();
  if (!image) {
    return <Skeleton height={12} width="min(30rem, 90%)" mt={6} mb={2} />;
  }
  return (
    <div className={classes.lead}>
      <ImageState state={image.state} />
      {policies ? <Health of={policies} /> : judging && <Skeleton height={20} width={104} />}
      <Digest value={image.digest} />
      <span>{image.platform}</span>
      {image.distribution !== "" && <span>{image.distribution}</span>}
      <span>
        {t("image.recorded")} <Ago at={image.recorded} />
      </span>
      <EnvironmentLinks names={image.environments} />
    </div>
  );
}
