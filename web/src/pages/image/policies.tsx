import { IconChecklist, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago } from "@/components/ago";
import { IconButton } from "@/components/icon-button";
import { List } from "@/components/list";
import { useOpenRows } from "@/components/open-rows";
import { Section } from "@/components/page";
import { Violations } from "@/components/policy";
import { usePrinting } from "@/components/printing";
import { State } from "@/components/state";
import { PolicyStatus } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import type { Image } from "@/data/images";
import { whole } from "@/data/pages";
import { imagePoliciesQuery, type ImagePolicy } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { Health } from "./health";
import classes from "./image.module.css";

/** Violations of a policy that are shown before one asks for all. */
const few = 5;

/** What each policy says of an image, what breaks it, what would mend it, and the grade that comes of it all. */
export function ImagePolicyTab({ digest, image }: { digest: string; image: Image | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = usePolicyWords();
  const environment = useEnvironment();
  const answer = useQuery(imagePoliciesQuery(digest, environment));
  const { isOpen, toggle } = useOpenRows("open");
  if (image !== undefined && image.state !== "analysed") {
    return (
      <Section>
        <State icon={<IconChecklist size={28} stroke={1.5} aria-hidden />} title={t("imagePolicies.notAnalysed")} />
      </Section>
    );
  }
  const report = answer.data;
  const columns: Column<ImagePolicy>[] = [
    {
      id: "policy",
      header: t("policy.name"),
      cell: (p) => {
        const Chevron = isOpen(p.name) ? IconChevronDown : IconChevronRight;
        return (
          <span className={classes.policy}>
            {p.violations.length > 0 ? (
              <IconButton
                expanded={isOpen(p.name)}
                label={t("policy.toggleOf", { name: words.name(p.name) })}
                onClick={() => {
                  toggle(p.name);
                }}
              >
                <Chevron size={15} aria-hidden />
              </IconButton>
            ) : (
              <span className={classes.noChevron} />
            )}
            <Link to="/policies/$name" params={{ name: p.name }} data-row>
              <strong>{words.name(p.name)}</strong>
            </Link>
          </span>
        );
      },
    },
    { id: "status", header: t("policy.status.title"), width: "clamp(8.875rem, 15cqi, 9.5rem)", cell: (p) => <PolicyStatus status={p.status} /> },
    { id: "reason", header: t("policy.reason"), width: "clamp(10rem, 30cqi, 30rem)", priority: 2, wrap: true, cell: (p) => <span className={classes.clause}>{words.says(p.says, p.reason)}</span> },
    {
      id: "since",
      header: t("policy.since"),
      width: "8.5rem",
      priority: 3,
      cell: (p) =>
        p.since === undefined ? (
          <span className="muted">—</span>
        ) : (
          <span title={p.cause && t(`policy.causeAbout.${p.cause}`)}>
            <Ago at={p.since} />
          </span>
        ),
    },
    { id: "weight", header: t("policy.weight"), width: "5rem", end: true, priority: 3, cell: (p) => (p.weight === 0 ? <span className="muted">0</span> : format.number(p.weight)) },
  ];
  return (
    <>
      {report && report.policies.length > 0 && (
        <Section padded>
          <div className={classes.health}>
            <Health of={report} large />
            <p>
              {t("imagePolicies.summary", { met: format.number(report.met), notMet: format.number(report.notMet), noData: format.number(report.noData) })}
              <br />
              <span className="muted">{environment === undefined ? t("imagePolicies.itself") : t("imagePolicies.there", { environment })}</span>
            </p>
            {!report.score && <p className="muted">{t("health.none")}</p>}
          </div>
        </Section>
      )}
      <List
        label={t("image.tab.policies")}
        columns={columns}
        list={whole(answer, report?.policies)}
        rows={report?.policies}
        keyOf={(p) => p.name}
        skeleton={9}
        detail={(p) => (p.violations.length > 0 && isOpen(p.name) ? <Broken of={p} /> : null)}
        exports={exportOf("/api/v1/export/images/{digest}/policies", { path: { digest }, query: { environment } })}
        empty={
          <State icon={<IconChecklist size={28} stroke={1.5} aria-hidden />} title={t("imagePolicies.none.title")}>
            {t("imagePolicies.none.text")}
          </State>
        }
      />
    </>
  );
}

/** What breaks a policy: the worst first, and all of it once somebody asks. */
function Broken({ of: p }: { of: ImagePolicy }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAll] = useState(false);
  const all = usePrinting() || asked;
  const more = p.violationCount - p.violations.length;
  return (
    <div className={classes.broken}>
      <Violations violations={all ? p.violations : p.violations.slice(0, few)} columns={p.written?.columns} />
      {p.violations.length > few && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? t("imagePolicies.showFew") : t("imagePolicies.showAll", { count: p.violations.length, n: format.number(p.violations.length) })}
        </button>
      )}
      {all && more > 0 && <p className="muted">{t("policy.more", { count: more, n: format.number(more) })}</p>}
    </div>
  );
}
