import { Popover } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PolicyStatus } from "@/components/status";
import type { ImagePolicies, PolicyScore } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import classes from "./health.module.css";

const tones: Record<PolicyScore["grade"], string> = { A: classes.good ?? "", B: classes.good ?? "", C: classes.fair ?? "", D: classes.poor ?? "", E: classes.bad ?? "", F: classes.bad ?? "" };

/** The grade of an image; pressed, how it comes about: what each policy counts, and whether it is met. */
export function Health({ of, large = false }: { of: ImagePolicies; large?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const score = of.score;
  if (!score) {
    return null;
  }
  return (
    <span className={classes.health}>
      <span className={`${classes.grade ?? ""} ${tones[score.grade]} ${large ? (classes.large ?? "") : ""}`}>{score.grade}</span>
      <span className={classes.words}>
        <Popover opened={open} onChange={setOpen} width="min(28rem, 92vw)" position="bottom-start" trapFocus returnFocus>
          <Popover.Target>
            <button
              type="button"
              className={`${classes.button ?? ""} prints`}
              aria-label={t("health.explain", { grade: score.grade })}
              onClick={() => {
                setOpen(!open);
              }}
            >
              {t("health.title")}
            </button>
          </Popover.Target>
          <Popover.Dropdown>{open && <Explained of={of} score={score} />}</Popover.Dropdown>
        </Popover>
        {large && <span className="muted">{t("health.sum", { got: format.number(score.got), of: format.number(score.of), percent: format.likelihood(score.percent / 100) })}</span>}
      </span>
    </span>
  );
}

function Explained({ of, score }: { of: ImagePolicies; score: PolicyScore }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.text}>
      <p>
        <strong>{t("health.sum", { got: format.number(score.got), of: format.number(score.of), percent: format.likelihood(score.percent / 100) })}</strong>
      </p>
      <p>{t("health.about")}</p>
      {/* Keys scroll what can be scrolled only where it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above */}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("nav.policies")}>
        <table className={classes.weights}>
          <tbody>
            {of.policies
              .filter((p) => p.weight > 0)
              .map((p) => (
                <tr key={p.name}>
                  <th scope="row">{p.name}</th>
                  <td>
                    <PolicyStatus status={p.status} />
                  </td>
                  <td>{t("health.points", { count: p.weight, got: format.number(p.status === "compliant" ? p.weight : 0) })}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      <p className="muted">{t("health.grades")}</p>
    </div>
  );
}
