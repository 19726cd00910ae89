import { ActionIcon, Button } from "@mantine/core";
import { IconCode, IconGitBranch, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { OwnersOnly } from "@/components/no-permission";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Table, type Column } from "@/components/table";
import { useMay } from "@/data/session";
import { trustScopes, trustsQuery, useDeleteTrust, type Trust } from "@/data/trusts";
import { useFormat } from "@/i18n/format";
import { Confirm } from "./confirm";
import { CreateTrust, TrustSnippet } from "./trust-dialogs";
import classes from "./settings.module.css";

/** Whose jobs of CI may exchange their identity for a token that lasts minutes. */
export function TrustsPage() {
  const { t } = useTranslation();
  if (!useMay("manage-tokens")) {
    return (
      <Page title={t("nav.trusts")} lead={t("trusts.lead")}>
        <OwnersOnly />
      </Page>
    );
  }
  return <Trusts />;
}

function Trusts() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(trustsQuery);
  const remove = useDeleteTrust();
  const [making, setMaking] = useState(false);
  const [showing, setShowing] = useState<Trust>();
  const [ending, setEnding] = useState<Trust>();
  const columns: Column<Trust>[] = [
    {
      id: "name",
      header: t("trusts.name"),
      wrap: true,
      cell: (v) => (
        <>
          <strong>{v.name}</strong> <span className="muted">{v.repository}</span>
        </>
      ),
    },
    {
      id: "where",
      header: t("trusts.where"),
      width: "clamp(8rem, 24cqi, 24rem)",
      priority: 2,
      wrap: true,
      cell: (v) => (
        <>
          {v.ref === "" ? <span className="muted">{t("trusts.anyRef")}</span> : <code>{v.ref}</code>}
          {v.environment !== "" && <> · {v.environment}</>}
        </>
      ),
    },
    { id: "scopes", header: t("tokens.scopes"), width: "clamp(7rem, 16cqi, 16rem)", priority: 2, cell: (v) => trustScopes.filter((s) => v.scopes.includes(s)).map((s) => t(`tokens.scope.${s}.name`)).join(", ") },
    { id: "minutes", header: t("trusts.minutes"), width: "7rem", priority: 3, cell: (v) => format.duration(v.minutes * 60) },
    { id: "used", header: t("tokens.used"), width: "8.5rem", priority: 3, cell: (v) => (v.lastUsed === undefined ? <span className="muted">{t("environment.never")}</span> : <Ago at={v.lastUsed} />) },
    {
      id: "actions",
      header: t("people.actions"),
      width: "5.5rem",
      end: true,
      cell: (v) => (
        <span className={classes.icons}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("trusts.snippet", { name: v.name })}
            onClick={() => {
              setShowing(v);
            }}
          >
            <IconCode size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("trusts.delete", { name: v.name })}
            onClick={() => {
              setEnding(v);
            }}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </span>
      ),
    },
  ];
  return (
    <Page
      title={t("nav.trusts")}
      lead={t("trusts.lead")}
      actions={
        <Button
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => {
            setMaking(true);
          }}
        >
          {t("trusts.create")}
        </Button>
      }
    >
      <Section>
        {error && !data ? (
          <ErrorState error={error} retry={refetch} />
        ) : (
          <Table
            label={t("nav.trusts")}
            columns={columns}
            rows={data}
            keyOf={(v) => v.id}
            skeleton={3}
            empty={
              <State icon={<IconGitBranch size={28} stroke={1.5} aria-hidden />} title={t("trusts.none.title")}>
                {t("trusts.none.text")}
              </State>
            }
          />
        )}
      </Section>
      {making && (
        <CreateTrust
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
      {showing && (
        <TrustSnippet
          trust={showing}
          onClose={() => {
            setShowing(undefined);
          }}
        />
      )}
      {ending && (
        <Confirm
          title={t("trusts.delete", { name: ending.name })}
          submit={t("trusts.deleteNow")}
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
          {t("trusts.deleteText", { repository: ending.repository })}
        </Confirm>
      )}
    </Page>
  );
}
