import { IconArrowDownRight, IconArrowUpRight, IconEqual, IconTool, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { movedBy, type PolicyCount, type PolicyRow, type Violation } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { Meter } from "./meter";
import classes from "./policy.module.css";
import { SeverityLetter } from "./severity";

/** The parts of a count in the order in which they stand in a bar. */
export const policyParts = ["compliant", "noData", "nonCompliant"] as const;

/** The status that a part counts, as addresses and texts name it. */
export const statusOf = { compliant: "compliant", noData: "no-data", nonCompliant: "non-compliant" } as const;

export const policyFills = { compliant: "good", noData: "unknown", nonCompliant: "bad" } as const;

/** Images by what a policy says of them, as a bar. */
export function PolicyMeter({ count, small = false }: { count: PolicyCount; small?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Meter
      small={small}
      label={t("policy.metBy", { count: count.images, n: format.number(count.images), met: format.number(count.compliant) })}
      parts={policyParts.map((p) => ({ fill: policyFills[p], n: count[p], title: `${t(`policy.status.${statusOf[p]}`)}: ${format.number(count[p])}` }))}
    />
  );
}

/** Whether more images meet a policy than did, or fewer; by arrow, word and colour. */
export function PolicyMove({ row }: { row: Pick<PolicyRow, "count" | "before"> }) {
  const { t } = useTranslation();
  const moved = movedBy(row);
  if (row.count.images === 0 || row.before === undefined) {
    return <span className="muted" data-none>—</span>;
  }
  if (moved === undefined) {
    return (
      <span className="muted" title={t("policy.moved.newAbout")}>
        {t("policy.moved.new")}
      </span>
    );
  }
  const [way, Arrow] = moved > 0 ? (["up", IconArrowUpRight] as const) : moved < 0 ? (["down", IconArrowDownRight] as const) : (["same", IconEqual] as const);
  return (
    <span className={`${classes.moved ?? ""} ${classes[way] ?? ""}`}>
      <Arrow size={15} stroke={1.75} aria-hidden />
      {t(`policy.moved.${way}`, { count: Math.abs(moved) })}
    </span>
  );
}

/** What breaks a policy in an image, each with what would mend it. */
export function Violations({ violations, columns }: { violations: readonly Violation[]; columns?: readonly string[] | undefined }) {
  const words = usePolicyWords();
  return (
    <ul className={classes.violations}>
      {violations.map((v) => (
        <li key={`${v.message} ${v.package ?? ""} ${JSON.stringify(v.detail ?? {})}`}>
          {v.vulnerability === undefined ? <IconX size={15} stroke={1.75} aria-hidden /> : <SeverityLetter severity={v.severity ?? "unspecified"} />}
          <p className={classes.clause}>
            <Message violation={v} />
          </p>
          <Details violation={v} columns={columns} />
          {v.remedy !== "" && (
            <p className={classes.mend}>
              <IconTool size={14} stroke={1.75} aria-hidden />
              <span className={classes.clause}>{words.mends(v.mends, v.remedy)}</span>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The columns of a policy in Rego, without what its message says already. */
function Details({ violation: { message, detail }, columns }: { violation: Violation; columns: readonly string[] | undefined }) {
  const told = (columns ?? Object.keys(detail ?? {}).toSorted()).flatMap((c) => {
    const text = detail?.[c] ?? "";
    return text === "" || message.includes(text) ? [] : [[c, text] as const];
  });
  return told.length === 0 ? null : (
    <dl className={classes.details}>
      {told.map(([column, text]) => (
        <div key={column}>
          <dt>{column}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The name of a vulnerability leads to its page. */
function Message({ violation: { message: told, says, vulnerability } }: { violation: Violation }) {
  const message = usePolicyWords().says(says, told);
  if (vulnerability === undefined || !message.startsWith(vulnerability)) {
    return message;
  }
  return (
    <>
      <Link to="/vulnerabilities/$id" params={{ id: vulnerability }}>
        {vulnerability}
      </Link>
      {message.slice(vulnerability.length)}
    </>
  );
}
