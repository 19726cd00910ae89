import { IconChecklist, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { Ago } from "@/components/ago";
import { Toggle } from "@/components/filters";
import { IconButton } from "@/components/icon-button";
import { ImageName } from "@/components/image-name";
import { List } from "@/components/list";
import { useOpenRows } from "@/components/open-rows";
import { Violations } from "@/components/policy";
import { State } from "@/components/state";
import { PolicyStatus } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { compliances, policyImagesQuery, type Compliance, type PolicyCount, type PolicyImage } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import classes from "./policy.module.css";

const none: readonly Compliance[] = [];

const counted = { compliant: "compliant", "non-compliant": "nonCompliant", "no-data": "noData" } as const;

/** The images that a policy says something of; a row opens to what breaks it there and what would mend it. */
export function PolicyImages({ name, enabled, counts }: { name: string; enabled: boolean; counts: PolicyCount | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const environment = useEnvironment();
  const { status } = useSearch({ from: "/app/policies/$name" });
  const navigate = useNavigate({ from: "/policies/$name" });
  const list = useRows(policyImagesQuery(name, environment, status));
  const { isOpen, toggle } = useOpenRows();
  const chosen = status ?? none;
  const columns: Column<PolicyImage>[] = [
    {
      id: "image",
      header: t("policy.image"),
      cell: (i) => {
        const Chevron = isOpen(i.digest) ? IconChevronDown : IconChevronRight;
        return (
          <span className={classes.name}>
            {i.violations.length > 0 ? (
              <IconButton
                expanded={isOpen(i.digest)}
                label={t("policy.toggle", { image: i.image })}
                onClick={() => {
                  toggle(i.digest);
                }}
              >
                <Chevron size={15} aria-hidden />
              </IconButton>
            ) : (
              <span className={classes.noChevron} />
            )}
            <Link to="/images/$digest" params={{ digest: i.digest }} search={{ tab: "policies", environment }} data-row>
              <ImageName name={i.image} digest={i.digest} />
            </Link>
          </span>
        );
      },
    },
    { id: "status", header: t("policy.status.title"), width: "clamp(8.875rem, 15cqi, 9.5rem)", cell: (i) => <PolicyStatus status={i.status} /> },
    { id: "violations", header: t("policy.violations"), width: "6rem", end: true, priority: 2, cell: (i) => (i.violationCount === 0 ? <span className="muted">0</span> : format.number(i.violationCount)) },
    { id: "mend", header: t("policy.mend"), width: "clamp(10rem, 34cqi, 34rem)", priority: 2, wrap: true, cell: (i) => <Mend of={i} /> },
    {
      id: "since",
      header: t("policy.since"),
      width: "8.5rem",
      priority: 3,
      cell: (i) => (
        <span title={t(`policy.causeAbout.${i.cause}`)}>
          <Ago at={i.since} />
        </span>
      ),
    },
    { id: "environment", header: t("environment.one"), width: "8rem", priority: 3, cell: (i) => i.environment ?? <span className="muted">—</span> },
  ];
  // Only what an environment says otherwise is of one.
  const shown = environment === undefined && list.rows?.some((i) => i.environment !== undefined) ? columns : columns.filter((c) => c.id !== "environment");
  return (
    <List
      label={t("policy.tab.images")}
      columns={shown}
      list={list}
      rows={list.rows}
      keyOf={(i) => i.digest}
      detail={(i) => (isOpen(i.digest) && i.violations.length > 0 ? <Broken of={i} environment={environment} /> : null)}
      filters={
        <div className={classes.group} role="group" aria-label={t("policy.status.filter")}>
          {compliances.map((s) => (
            <Toggle
              key={s}
              pressed={chosen.includes(s)}
              count={counts?.[counted[s]]}
              onChange={(pressed) => {
                const next = compliances.filter((other) => (other === s ? pressed : chosen.includes(other)));
                void navigate({ search: (old) => ({ ...old, status: next.length === 0 ? undefined : next }), replace: true });
              }}
            >
              <PolicyStatus status={s} />
            </Toggle>
          ))}
        </div>
      }
      narrowed={status !== undefined}
      clear={() => void navigate({ search: (s) => ({ ...s, status: undefined }), replace: true })}
      exports={exportOf("/api/v1/export/policies/{name}/images", { path: { name }, query: { environment, status } })}
      empty={
        <State icon={<IconChecklist size={28} stroke={1.5} aria-hidden />} title={t("policy.images.none.title")}>
          {t(enabled ? "policy.images.none.text" : "policy.images.disabled")}
        </State>
      }
    />
  );
}

/** The first that would mend it; where nothing is broken, why it is so. */
function Mend({ of: i }: { of: PolicyImage }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = usePolicyWords();
  const first = i.violations[0];
  if (first === undefined) {
    return <span className={`muted ${classes.clause ?? ""}`}>{words.says(i.says, i.reason)}</span>;
  }
  const more = i.violationCount - 1;
  return (
    <span className={classes.clause}>
      {first.remedy === "" ? words.says(first.says, first.message) : words.mends(first.mends, first.remedy)} {more > 0 && <span className="muted">{t("policy.more", { count: more, n: format.number(more) })}</span>}
    </span>
  );
}

function Broken({ of: i, environment }: { of: PolicyImage; environment: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = i.violationCount - i.violations.length;
  return (
    <div className={classes.detail}>
      <Violations violations={i.violations} />
      {more > 0 && (
        <p className="muted">
          {t("policy.more", { count: more, n: format.number(more) })}:{" "}
          <Link to="/images/$digest" params={{ digest: i.digest }} search={{ tab: "policies", environment }}>
            {t("policy.openImage")}
          </Link>
        </p>
      )}
    </div>
  );
}
