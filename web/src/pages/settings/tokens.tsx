import { ActionIcon, Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Dialog } from "@/components/dialog";
import { ExportMenu } from "@/components/export-menu";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Notice } from "@/components/status";
import { Table, type Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { useMay } from "@/data/session";
import { scopes, tokensQuery, useCreateToken, useRevokeToken, type Token } from "@/data/tokens";
import { Confirm, Once } from "./confirm";
import classes from "./settings.module.css";

export function TokensPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(tokensQuery);
  const revoke = useRevokeToken();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Token>();
  const columns: Column<Token>[] = [
    {
      id: "name",
      header: t("tokens.name"),
      cell: (v) => (
        <>
          <strong>{v.name}</strong> <span className="muted">{v.kind === "personal" ? v.email : t("tokens.kind.organisation")}</span>
        </>
      ),
    },
    { id: "scopes", header: t("tokens.scopes"), width: "22%", cell: (v) => v.scopes.map((s) => t(`tokens.scope.${s}.name`)).join(", ") },
    { id: "created", header: t("tokens.created"), width: "8.5rem", priority: 3, cell: (v) => <Ago at={v.created} /> },
    { id: "used", header: t("tokens.used"), width: "8.5rem", priority: 2, cell: (v) => (v.lastUsed ? <Ago at={v.lastUsed} /> : <span className="muted">{t("environment.never")}</span>) },
    { id: "expires", header: t("tokens.expires"), width: "8.5rem", priority: 2, cell: (v) => (v.expires ? <Ago at={v.expires} /> : <span className="muted">{t("environment.never")}</span>) },
    {
      id: "revoke",
      header: t("people.actions"),
      width: "5rem",
      end: true,
      cell: (v) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("tokens.revoke", { name: v.name })}
          onClick={() => {
            setEnding(v);
          }}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      ),
    },
  ];
  return (
    <Page
      title={t("nav.tokens")}
      lead={t("tokens.lead")}
      actions={
        <Button
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => {
            setMaking(true);
          }}
        >
          {t("tokens.create")}
        </Button>
      }
    >
      <Section title={t("tokens.active")} aside={<ExportMenu address={exportOf("/api/v1/export/tokens")} />}>
        {error && !data ? (
          <ErrorState error={error} retry={refetch} />
        ) : (
          <Table
            label={t("nav.tokens")}
            columns={columns}
            rows={data}
            keyOf={(v) => v.id}
            skeleton={3}
            empty={
              <State icon={<IconKey size={28} stroke={1.5} aria-hidden />} title={t("tokens.none.title")}>
                {t("tokens.none.text")}
              </State>
            }
          />
        )}
      </Section>
      {making && (
        <Create
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
      {ending && (
        <Confirm
          title={t("tokens.revoke", { name: ending.name })}
          submit={t("tokens.revokeNow")}
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
          {t("tokens.revokeText")}
        </Confirm>
      )}
    </Page>
  );
}

/** Days until a token ends; 0 is never. */
const lives = [30, 90, 365, 0] as const;

const dayMs = 24 * 60 * 60 * 1000;

function Create({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const create = useCreateToken();
  const owner = useMay("manage-tokens");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<Token["scopes"]>(["read"]);
  const [kind, setKind] = useState<Token["kind"]>("personal");
  const [days, setDays] = useState<number>(90);
  return (
    <Dialog title={t("tokens.create")} onClose={onClose}>
      {create.data?.secret !== undefined ? (
        <Once text={create.data.secret} onClose={onClose}>
          {t("tokens.once")}
        </Once>
      ) : (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ name: name.trim(), kind, scopes: chosen, ...(days > 0 && { expires: new Date(Date.now() + days * dayMs).toISOString() }) });
          }}
        >
          <TextInput
            label={t("tokens.name")}
            description={t("tokens.nameAbout")}
            required
            withAsterisk={false}
            maxLength={128}
            data-autofocus
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
          {owner && (
            <NativeSelect
              label={t("tokens.kind.title")}
              description={t(`tokens.kind.about.${kind}`)}
              value={kind}
              data={(["personal", "organisation"] as const).map((k) => ({ value: k, label: t(`tokens.kind.${k}`) }))}
              onChange={(event) => {
                setKind(event.currentTarget.value === "organisation" ? "organisation" : "personal");
              }}
            />
          )}
          <Checkbox.Group
            label={t("tokens.scopes")}
            value={chosen}
            onChange={(values) => {
              setChosen(scopes.filter((s) => values.includes(s)));
            }}
          >
            {scopes.map((s) => (
              <Checkbox key={s} size="xs" mt="xs" value={s} label={t(`tokens.scope.${s}.name`)} description={t(`tokens.scope.${s}.about`)} />
            ))}
          </Checkbox.Group>
          <NativeSelect
            label={t("tokens.expires")}
            value={String(days)}
            data={lives.map((n) => ({ value: String(n), label: n === 0 ? t("environment.never") : t("tokens.days", { count: n }) }))}
            onChange={(event) => {
              setDays(Number(event.currentTarget.value));
            }}
          />
          {create.error && <Notice tone="bad">{create.error.message}</Notice>}
          <div className={classes.actions}>
            <Button variant="default" size="xs" onClick={onClose}>
              {t("action.cancel")}
            </Button>
            <Button type="submit" size="xs" loading={create.isPending} disabled={name.trim() === "" || chosen.length === 0}>
              {t("tokens.create")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
