import { Button } from "@mantine/core";
import { IconGavel } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { List } from "@/components/list";
import { repositoryOf } from "@/components/name-parts";
import { State } from "@/components/state";
import { Decided, Scope } from "@/components/suppressed";
import type { Column } from "@/components/table";
import { imageDecisionsQuery, type ImageDecision } from "@/data/decisions";
import type { Image } from "@/data/images";
import { whole } from "@/data/pages";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";

/** What is decided about findings of an image, and under which of its names. */
export function ImageDecisions({ digest, image }: { digest: string; image: Image | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useMay("write");
  const repository = repositoryOf(image?.name ?? "");
  const answer = useQuery(imageDecisionsQuery(digest));
  const columns: Column<ImageDecision>[] = [
    {
      id: "vulnerability",
      header: t("vulnerability.id"),
      width: "clamp(9.25rem, 20cqi, 11rem)",
      cell: (d) => (
        <Link to="/vulnerabilities/$id" params={{ id: d.vulnerability }}>
          <strong>{d.vulnerability}</strong>
        </Link>
      ),
    },
    { id: "decided", header: t("decisions.decided"), cell: (d) => <Decided by={d} /> },
    { id: "scope", header: t("decisions.scope"), width: "clamp(8rem, 20cqi, 20rem)", priority: 2, cell: (d) => <Scope of={d.scope} /> },
    { id: "suppressed", header: t("decisions.suppressed"), width: "7rem", end: true, priority: 2, cell: (d) => t("use.of", { n: format.number(d.suppressed), all: format.number(d.findings) }) },
    {
      id: "undecided",
      header: t("decisions.undecided"),
      width: "clamp(8rem, 22cqi, 22rem)",
      priority: 2,
      cell: (d) => (d.undecided.length === 0 ? <span className="muted">—</span> : <span title={d.undecided.join("\n")}>{format.list(d.undecided)}</span>),
    },
  ];
  return (
    <List
      title={t("image.tab.decisions")}
      label={t("image.tab.decisions")}
      aside={
        <>
          {mayWrite && repository !== undefined && (
            <Button size="compact-xs" variant="default" renderRoot={(props) => <Link to="/decisions" search={{ image: `${repository}@${digest}` }} {...props} />}>
              {t("decisions.add")}
            </Button>
          )}
          <Button size="compact-xs" variant="default" renderRoot={(props) => <Link to="/decisions" {...props} />}>
            {t("decisions.allDecisions")}
          </Button>
        </>
      }
      columns={columns}
      list={whole(answer, answer.data)}
      rows={answer.data}
      keyOf={(d) => `${d.id} ${d.vulnerability} ${JSON.stringify(d.scope)}`}
      empty={
        <State icon={<IconGavel size={28} stroke={1.5} aria-hidden />} title={t("decisions.image.none")}>
          {t("decisions.image.text")}
        </State>
      }
    />
  );
}
