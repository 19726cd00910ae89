import { IconArrowsDiff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { List } from "@/components/list";
import { State } from "@/components/state";
import type { Column } from "@/components/table";
import { standingsQuery, type ComparedStanding } from "@/data/compare";
import { whole } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { TrendSign } from "./status";

interface Props {
  after: string;
  before: string;
  at: string | undefined;
}

/** What the policies of the environment before say of both sides, in how many repositories. */
export function Standings({ after, before, at }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = usePolicyWords();
  const answer = useQuery(standingsQuery(after, before, at));
  const report = answer.data;
  const became = (was: number, is: number) => (was === is ? format.number(is) : `${format.number(was)} → ${format.number(is)}`);
  const columns: Column<ComparedStanding>[] = [
    {
      id: "policy",
      header: t("policy.name"),
      wrap: true,
      cell: (p) => (
        <Link to="/policies/$name" params={{ name: p.policy }} data-row>
          {words.name(p.policy)}
        </Link>
      ),
    },
    { id: "trend", header: t("compare.becomes"), width: "8rem", priority: 2, cell: (p) => <TrendSign trend={p.trend} /> },
    { id: "met", header: t("policy.status.compliant"), width: "7rem", end: true, priority: 2, cell: (p) => became(p.before.met, p.after.met) },
    { id: "notMet", header: t("policy.status.non-compliant"), width: "8rem", end: true, cell: (p) => became(p.before.notMet, p.after.notMet) },
    { id: "noData", header: t("policy.status.no-data"), width: "7rem", end: true, priority: 3, cell: (p) => became(p.before.noData, p.after.noData) },
    {
      id: "where",
      header: t("compare.standings.where"),
      width: "clamp(10rem, 30cqi, 30rem)",
      priority: 2,
      cell: (p) => {
        const names = p.trend === "worse" ? p.worse : p.trend === "better" ? p.better : p.trend === "unclear" ? p.unclear : [];
        return names.length === 0 ? <span className="muted">—</span> : <span title={names.join("\n")}>{format.list(names)}</span>;
      },
    },
  ];
  return (
    <List
      title={t("compare.standings.title", { environment: before })}
      label={t("compare.standings.title", { environment: before })}
      aside={report !== undefined && report.notAsked > 0 && <span className="muted">{t("compare.standings.notAsked", { count: report.notAsked, n: format.number(report.notAsked) })}</span>}
      columns={columns}
      list={whole(answer, report?.items)}
      rows={report?.items}
      keyOf={(p) => p.policy}
      skeleton={7}
      empty={<State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.noPolicies")} />}
    />
  );
}
