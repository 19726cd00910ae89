import { Button } from "@mantine/core";
import { IconGavel, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { decisionTabs } from "@/app/routes/findings";
import { Choice, SearchInput, TabBar, tabClass } from "@/components/filters";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { State } from "@/components/state";
import { Scope } from "@/components/suppressed";
import type { Column } from "@/components/table";
import { exceptionsQuery, exceptionStates, lastDay, useApproveException, useRevokeException, type Exception } from "@/data/decisions";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { Confirm } from "@/pages/settings/confirm";
import { Documents } from "./documents";
import { ExceptionForm } from "./form";
import { HowDecided } from "./settings";

export function DecisionsPage() {
  const { t } = useTranslation();
  const { tab = "exceptions", vulnerability, image } = useSearch({ from: "/app/decisions" });
  const navigate = useNavigate({ from: "/decisions" });
  const mayWrite = useMay("write");
  const [adding, setAdding] = useState(vulnerability !== undefined || image !== undefined);
  return (
    <Page
      title={t("nav.decisions")}
      lead={t("decisions.lead")}
      actions={
        mayWrite && (
          <Button
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t("decisions.add")}
          </Button>
        )
      }
    >
      <TabBar label={t("decisions.parts")}>
        {decisionTabs.map((name) => (
          <Link key={name} to="." search={name === "exceptions" ? {} : { tab: name }} className={tabClass} aria-current={name === tab ? "page" : undefined} activeOptions={{ exact: true }} activeProps={{}} replace>
            {t(`decisions.tab.${name}`)}
          </Link>
        ))}
      </TabBar>
      {tab === "exceptions" && <Exceptions />}
      {tab === "documents" && <Documents />}
      {tab === "settings" && <HowDecided />}
      {!mayWrite && <p className="muted">{t("decisions.members")}</p>}
      {adding && mayWrite && (
        <ExceptionForm
          from={{ ...(vulnerability !== undefined && { vulnerability }), ...(image !== undefined && { image }) }}
          onClose={() => {
            setAdding(false);
            void navigate({ search: (s) => ({ ...s, vulnerability: undefined, image: undefined }), replace: true });
          }}
        />
      )}
    </Page>
  );
}

function Exceptions() {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, q } = useSearch({ from: "/app/decisions" });
  const navigate = useNavigate({ from: "/decisions" });
  const mayWrite = useMay("write");
  const mayApprove = useMay("approve");
  const list = useRows(exceptionsQuery(state === undefined ? undefined : [state], q));
  const approve = useApproveException();
  const revoke = useRevokeException();
  const [ending, setEnding] = useState<Exception>();
  const columns: Column<Exception>[] = [
    {
      id: "vulnerability",
      header: t("vulnerability.id"),
      width: "clamp(9.25rem, 14cqi, 12rem)",
      cell: (x) => (
        <Link to="/vulnerabilities/$id" params={{ id: x.vulnerability }} data-row>
          <strong>{x.vulnerability}</strong>
        </Link>
      ),
    },
    { id: "state", header: t("decisions.state.title"), width: "clamp(5rem, 14cqi, 6.5rem)", cell: (x) => <span title={x.revokedBy ?? x.approvedBy}>{t(`decisions.state.${x.state}`)}</span> },
    { id: "type", header: t("decisions.form.type"), width: "8rem", priority: 2, cell: (x) => <span title={x.justification}>{t(`decisions.type.${x.type}`)}</span> },
    { id: "scope", header: t("decisions.scope"), priority: 2, cell: (x) => <Scope of={x.scope} /> },
    { id: "text", header: t("decisions.form.text"), priority: 2, cell: (x) => <span title={x.text}>{x.text}</span> },
    { id: "author", header: t("decisions.author"), width: "clamp(6.5rem, 9cqi, 10rem)", priority: 3, cell: (x) => x.author },
    { id: "expires", header: t("decisions.form.expires"), width: "7rem", priority: 2, cell: (x) => (x.expires === undefined ? <span className="muted">{t("environment.never")}</span> : format.day(lastDay(x.expires))) },
    ...(mayWrite
      ? [
          {
            id: "actions",
            header: t("people.actions"),
            width: "clamp(7rem, 13cqi, 11rem)",
            end: true,
            wrap: true, // two buttons stand one below the other where there is no room beside
            cell: (x: Exception) => (
              <>
                {mayApprove && x.state === "waiting" && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={t("decisions.approveOf", { id: x.vulnerability })}
                    onClick={() => {
                      approve.mutate(x.id);
                    }}
                  >
                    {t("decisions.approve")}
                  </Button>
                )}{" "}
                {(x.state === "waiting" || x.state === "active") && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={t("decisions.revokeOf", { id: x.vulnerability })}
                    onClick={() => {
                      setEnding(x);
                    }}
                  >
                    {t("decisions.revoke")}
                  </Button>
                )}
              </>
            ),
          } as const,
        ]
      : []),
  ];
  return (
    <>
      <List
        label={t("decisions.tab.exceptions")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(x) => x.id}
        filters={
          <>
            <SearchInput label={t("decisions.filter")} value={q ?? ""} onChange={(text) => void navigate({ search: (s) => ({ ...s, q: text === "" ? undefined : text }), replace: true })} />
            <Choice
              label={t("decisions.state.title")}
              options={[{ value: "", label: t("decisions.state.any") }, ...exceptionStates.map((v) => ({ value: v, label: t(`decisions.state.${v}`) }))]}
              value={state ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, state: exceptionStates.find((v) => v === chosen) }), replace: true })}
            />
          </>
        }
        narrowed={state !== undefined || q !== undefined}
        clear={() => void navigate({ search: (s) => ({ ...s, state: undefined, q: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/exceptions", { query: { state: state === undefined ? undefined : [state], q } })}
        empty={
          <State icon={<IconGavel size={28} stroke={1.5} aria-hidden />} title={t("decisions.none.title")}>
            {t("decisions.none.text")}
          </State>
        }
      />
      {ending && (
        <Confirm
          title={t("decisions.revokeOf", { id: ending.vulnerability })}
          submit={t("decisions.revoke")}
          pending={revoke.isPending}
          error={revoke.error}
          onSubmit={() => {
            revoke.mutate(ending.id, {
              onSuccess: () => {
                setEnding(undefined);
              },
            });
          }}
          onClose={() => {
            setEnding(undefined);
            revoke.reset();
          }}
        >
          {t("decisions.revokeText")}
        </Confirm>
      )}
    </>
  );
}
