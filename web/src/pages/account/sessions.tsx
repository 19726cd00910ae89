import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { accountSessionsQuery, agentOf, useEndSessions, type AccountSession } from "@/data/account";

/** Where the person is signed in; what nobody knows of can be ended. */
export function Sessions() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(accountSessionsQuery);
  const end = useEndSessions();
  const others = data?.filter((s) => !s.current) ?? [];
  const nameOf = (s: AccountSession) => {
    const agent = agentOf(s.agent);
    return agent ? t("account.sessions.agent", agent) : s.agent;
  };
  const columns: Column<AccountSession>[] = [
    {
      id: "agent",
      header: t("account.sessions.browser"),
      cell: (s) => (
        <span title={s.agent}>
          <strong>{nameOf(s)}</strong> {s.current && <span className="muted">{t("account.sessions.this")}</span>}
        </span>
      ),
    },
    { id: "address", header: t("audit.address"), width: "11rem", priority: 2, cell: (s) => <span className="mono">{s.address}</span> },
    { id: "created", header: t("account.sessions.began"), width: "9rem", priority: 2, cell: (s) => <Ago at={s.created} /> },
    { id: "used", header: t("tokens.used"), width: "9rem", cell: (s) => <Ago at={s.lastUsed} /> },
    { id: "expires", header: t("tokens.expires"), width: "8.5rem", priority: 3, cell: (s) => <Ago at={s.expires} /> },
    {
      id: "end",
      header: t("people.actions"),
      width: "6rem",
      end: true,
      cell: (s) =>
        !s.current && (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={t("account.sessions.endOne", { name: nameOf(s), address: s.address })}
            loading={end.isPending && end.variables.includes(s.id)}
            onClick={() => {
              end.mutate([s.id]);
            }}
          >
            {t("account.sessions.end")}
          </Button>
        ),
    },
  ];
  return (
    <Section
      title={t("account.sessions.title")}
      aside={
        <Button
          variant="default"
          size="compact-sm"
          disabled={others.length === 0}
          loading={end.isPending && end.variables.length > 1}
          onClick={() => {
            end.mutate(others.map((s) => s.id));
          }}
        >
          {t("account.sessions.endOthers")}
        </Button>
      }
    >
      {end.error && (
        <div role="alert">
          <Notice tone="bad">{end.error.message}</Notice>
        </div>
      )}
      {error && !data ? <ErrorState error={error} retry={refetch} /> : <Table label={t("account.sessions.title")} columns={columns} rows={data} keyOf={(s) => s.id} skeleton={2} empty={null} />}
    </Section>
  );
}
