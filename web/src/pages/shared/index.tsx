import { Skeleton } from "@mantine/core";
import { IconLinkOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Mark } from "@/app/nav";
import { Ago } from "@/components/ago";
import { External } from "@/components/external";
import { Facts, Page, Section } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { ErrorState, State } from "@/components/state";
import { pageOf } from "@/data/advisory";
import { Problem } from "@/data/problem";
import { sharedQuery, type SharedSource, type SharedVulnerability } from "@/data/shares";
import { useFormat } from "@/i18n/format";
import { Cvss } from "@/pages/vulnerability/cvss";
import { Names } from "@/pages/vulnerability/names";
import { Ranges } from "@/pages/vulnerability/ranges";
import classes from "./shared.module.css";

/** Whether the server knows that the link shows nothing; anything else may pass. */
function isDead(error: Error | null): boolean {
  return error instanceof Problem && [404, 422].includes(error.status);
}

/**
 * What a link shows of a vulnerability to whoever has it, signed in or not. The secret stays after the #, so that
 * the page can be read again; it reaches no server's log and no other site.
 */
export function SharedPage() {
  const { t } = useTranslation();
  const secret = useLocation({ select: (at) => at.hash });
  const { data, error, refetch } = useQuery(sharedQuery(secret));
  return (
    <div className={classes.frame}>
      <header className={classes.head}>
        <Mark />
        <span>{t("app.name")}</span>
      </header>
      <main>
        {secret === "" || isDead(error) ? (
          <Page title={t("shared.dead.title")}>
            <Section>
              <div role="alert">
                <State icon={<IconLinkOff size={28} stroke={1.5} aria-hidden />} title={t("shared.dead.why")}>
                  <p>{t("shared.dead.text")}</p>
                </State>
              </div>
            </Section>
          </Page>
        ) : error && !data ? (
          <Page title={t("shared.title")}>
            <Section>
              <ErrorState error={error} retry={refetch} />
            </Section>
          </Page>
        ) : (
          <Shown data={data} />
        )}
      </main>
    </div>
  );
}

function Shown({ data }: { data: SharedVulnerability | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = data?.id ?? t("shared.title");
  return (
    <Page title={title} lead={data ? data.summary : <Skeleton height={12} width={320} mt={6} mb={2} />}>
      <div className={classes.top}>
        <Section title={t("vulnerability.about")} padded>
          {data ? (
            <Facts
              facts={[
                [t("severity.title"), <SeverityBadge key="severity" severity={data.severity} />],
                [t("vulnerability.score"), data.cvss?.score.toFixed(1)],
                [t("vulnerability.aliases"), <Names key="names" names={[data.id, ...data.aliases]} />],
                [t("shared.expires"), <Ago key="expires" at={data.expires} />],
              ]}
            />
          ) : (
            <Skeleton height={120} />
          )}
        </Section>
        <Cvss worst={data?.cvss} />
      </div>
      <Section title={t("vulnerability.sources")} padded>
        {!data && <Skeleton height={180} />}
        <ul className={classes.sources}>
          {data?.sources.map((source) => (
            <Source key={source.id} source={source} />
          ))}
        </ul>
        {data?.moreSources !== undefined && <p className="muted">{t("vulnerability.more", { count: data.moreSources, n: format.number(data.moreSources) })}</p>}
      </Section>
      <p className="muted">{t("shared.foot")}</p>
    </Page>
  );
}

function Source({ source }: { source: SharedSource }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <h3>
        <External href={pageOf(source.id)}>{source.id}</External>{" "}
        {source.withdrawn !== null && <span className="muted">{t("vulnerability.withdrawn")}</span>}
      </h3>
      {source.summary !== "" && <p>{source.summary}</p>}
      <Ranges source={source} />
      {source.moreAffected !== undefined && (
        <p className="muted">{t("shared.morePackages", { count: source.moreAffected, n: format.number(source.moreAffected) })}</p>
      )}
      <p className="muted">
        {source.word !== undefined && `${t("severity.title")}: ${source.word} · `}
        {t("vulnerability.modified")} <Ago at={source.modified} />
      </p>
    </li>
  );
}
