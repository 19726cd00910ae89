import { Anchor, Button, FileButton } from "@mantine/core";
import { IconFileText, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { List } from "@/components/list";
import { State } from "@/components/state";
import { Notice } from "@/components/status";
import type { Column } from "@/components/table";
import { useDeleteVEX, useImportVEX, vexDocumentsQuery, vexStatementsQuery, type VEXDocument, type VEXStatement } from "@/data/decisions";
import { useRows, whole } from "@/data/pages";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/pages/settings/confirm";

/** What others state about products, whose word counts, and what became of each statement. */
export function Documents() {
  const { t } = useTranslation();
  const format = useFormat();
  const answer = useQuery(vexDocumentsQuery);
  const mayWrite = useMay("write");
  const bring = useImportVEX();
  const remove = useDeleteVEX();
  const [chosen, setChosen] = useState<string>();
  const [ending, setEnding] = useState<VEXDocument>();
  const shown = answer.data?.find((d) => d.id === chosen);
  const columns: Column<VEXDocument>[] = [
    {
      id: "name",
      header: t("decisions.vex.document"),
      cell: (d) => (
        <>
          <Anchor
            component="button"
            type="button"
            size="sm"
            aria-expanded={chosen === d.id}
            onClick={() => {
              setChosen(chosen === d.id ? undefined : d.id);
            }}
          >
            {d.name}
          </Anchor>{" "}
          {d.image !== undefined && (
            <Link to="/images/$digest" params={{ digest: d.image }} search={{ tab: d.path === undefined ? "attestations" : "decisions" }} className="muted">
              {t(d.path === undefined ? "decisions.vex.attested" : d.ignored === true ? "decisions.vex.fileIgnored" : "decisions.vex.file")}
            </Link>
          )}
        </>
      ),
    },
    { id: "author", header: t("decisions.author"), width: "clamp(8rem, 24cqi, 24rem)", priority: 2, cell: (d) => (d.author === "" ? <span className="muted">{t("decisions.vex.nobody")}</span> : d.author) },
    { id: "trusted", header: t("decisions.vex.trust"), width: "7rem", priority: 2, cell: (d) => t(d.trusted ? "decisions.vex.trusted" : "decisions.vex.untrusted") },
    { id: "format", header: t("decisions.vex.format"), width: "7rem", priority: 3, cell: (d) => t(`decisions.vex.formats.${d.format}`) },
    { id: "statements", header: t("decisions.vex.statements"), width: "6.5rem", end: true, priority: 2, cell: (d) => format.number(d.statements) },
    { id: "stated", header: t("decisions.vex.stated"), width: "7rem", priority: 3, cell: (d) => (d.stated === undefined ? "" : format.date(new Date(d.stated))) },
    ...(mayWrite
      ? [
          {
            id: "actions",
            header: t("people.actions"),
            width: "6rem",
            end: true,
            cell: (d: VEXDocument) => (
              <Button
                variant="default"
                size="compact-xs"
                aria-label={t("decisions.vex.deleteOf", { name: d.name })}
                onClick={() => {
                  setEnding(d);
                }}
              >
                {t("decisions.vex.delete")}
              </Button>
            ),
          } as const,
        ]
      : []),
  ];
  return (
    <>
      {bring.error && <Notice tone="bad">{bring.error.message}</Notice>}
      <List
        title={t("decisions.tab.documents")}
        label={t("decisions.tab.documents")}
        aside={
          mayWrite && (
            <FileButton
              accept="application/json,.json"
              onChange={(file) => {
                if (file !== null) {
                  bring.mutate(file);
                }
              }}
            >
              {(props) => (
                <Button {...props} size="compact-xs" variant="default" leftSection={<IconUpload size={14} aria-hidden />} loading={bring.isPending}>
                  {t("decisions.vex.import")}
                </Button>
              )}
            </FileButton>
          )
        }
        columns={columns}
        list={whole(answer, answer.data)}
        rows={answer.data}
        keyOf={(d) => d.id}
        empty={
          <State icon={<IconFileText size={28} stroke={1.5} aria-hidden />} title={t("decisions.vex.none.title")}>
            {t("decisions.vex.none.text")}
          </State>
        }
      />
      {shown && <Statements of={shown} />}
      {ending && (
        <Confirm
          title={t("decisions.vex.deleteOf", { name: ending.name })}
          submit={t("decisions.vex.delete")}
          pending={remove.isPending}
          error={remove.error}
          onSubmit={() => {
            remove.mutate(ending.id, {
              onSuccess: () => {
                setEnding(undefined);
              },
            });
          }}
          onClose={() => {
            setEnding(undefined);
            remove.reset();
          }}
        >
          {t("decisions.vex.deleteText")}
        </Confirm>
      )}
    </>
  );
}

function Statements({ of }: { of: VEXDocument }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useRows(vexStatementsQuery(of.id));
  const columns: Column<VEXStatement>[] = [
    {
      id: "vulnerability",
      header: t("vulnerability.id"),
      width: "11rem",
      cell: (s) => (s.findings > 0 ? <Link to="/vulnerabilities/$id" params={{ id: s.vulnerability }}>{s.vulnerability}</Link> : s.vulnerability),
    },
    { id: "status", header: t("decisions.vex.status"), width: "9rem", priority: 2, cell: (s) => <span title={s.justification}>{t(`decisions.type.${s.status}`)}</span> },
    { id: "fate", header: t("decisions.vex.fate"), width: "clamp(9rem, 30cqi, 30rem)", cell: (s) => t(`decisions.vex.fates.${s.fate}`) },
    { id: "findings", header: t("decisions.vex.findings"), width: "6rem", end: true, priority: 2, cell: (s) => format.number(s.findings) },
    { id: "products", header: t("decisions.vex.products"), priority: 3, cell: (s) => <span title={s.products.join("\n")}>{s.products.join(", ")}</span> },
  ];
  return (
    <List
      title={t("decisions.vex.statementsOf", { name: of.name })}
      label={t("decisions.vex.statementsOf", { name: of.name })}
      columns={columns}
      list={list}
      rows={list.rows}
      keyOf={(s) => String(s.position)}
      empty={<State title={t("decisions.vex.noStatements")} />}
    />
  );
}
