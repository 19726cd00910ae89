import { Button, TextInput } from "@mantine/core";
import { IconBuildingWarehouse } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { SearchInput, Toggle } from "@/components/filters";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Notice, RepositoryState } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { useRows } from "@/data/pages";
import { connectedRegistriesQuery, repositoriesQuery, enablings, useEnable, type Repository } from "@/data/push";
import { placeOf } from "@/data/repository";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { Registries } from "./registries";
import classes from "./repositories.module.css";

const keyOf = (r: Repository) => `${r.registry}\n${r.name}`;

/** The repositories of connected registries: which of them are analysed, and how that goes. */
export function RepositoriesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate({ from: "/repositories" });
  const { registry, state, q } = useSearch({ from: "/app/repositories" });
  const { data: registries, error, refetch } = useQuery(connectedRegistriesQuery);
  const list = useRows(repositoriesQuery({ registry, state, q }));
  const may = useMay("write");
  const owner = useMay("connect");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const enable = useEnable();
  const shownRegistries = registries?.filter((r) => registry === undefined || r.name === registry);
  const search = (what: { registry?: string | undefined; state?: Repository["state"] | undefined; q?: string | undefined }) =>
    void navigate({ search: (s) => ({ ...s, ...what }) as typeof s, replace: true });
  const selected = (list.rows ?? []).filter((r) => chosen.has(keyOf(r)));

  const apply = (on: boolean) => {
    for (const name of new Set(selected.map((r) => r.registry))) {
      enable.mutate({ registry: name, names: selected.filter((r) => r.registry === name).map((r) => r.name), enable: on });
    }
    setChosen(new Set());
  };

  const columns: Column<Repository>[] = [
    {
      id: "name",
      header: t("repositories.name"),
      wrap: true,
      cell: (r) => {
        const key = keyOf(r);
        return (
          <div className={classes.name}>
            {may && r.state !== "gone" && (
              <input
                type="checkbox"
                aria-label={t("repositories.choose", { name: r.reference })}
                checked={chosen.has(key)}
                onChange={(event) => {
                  const next = new Set(chosen);
                  if (event.currentTarget.checked) {
                    next.add(key);
                  } else {
                    next.delete(key);
                  }
                  setChosen(next);
                }}
              />
            )}
            <span className={classes.about}>
              <Link to="/repositories/$host/$" params={placeOf(r.reference)} data-row>
                {r.reference}
              </Link>
              {r.reason !== undefined && r.reason !== "" && <p className="muted">{r.reason}</p>}
            </span>
          </div>
        );
      },
    },
    { id: "state", header: t("integration.state.title"), width: "7.5rem", cell: (r) => <RepositoryState state={r.state} /> },
    { id: "pushed", header: t("repositories.pushed"), width: "8.5rem", priority: 2, cell: (r) => (r.pushed ? <Ago at={r.pushed} /> : <span className="muted">{t("environment.never")}</span>) },
    { id: "tags", header: t("repositories.tags"), width: "5rem", end: true, priority: 3, cell: (r) => (r.state === "enabled" ? format.number(r.tags) : "") },
    { id: "filling", header: t("repositories.filling"), width: "7rem", end: true, priority: 3, cell: (r) => (r.state === "enabled" && r.filling > 0 ? format.number(r.filling) : "") },
    { id: "registry", header: t("repositories.registry"), width: "9rem", priority: 3, cell: (r) => r.registry },
  ];
  return (
    <Page
      title={t("nav.repositories")}
      lead={t("repositories.lead")}
      actions={
        owner && (
          <Button size="xs" renderRoot={(props) => <Link to="/connect/registry" {...props} />}>
            {t("repositories.connect")}
          </Button>
        )
      }
    >
      {error && !registries && <ErrorState error={error} retry={refetch} />}
      {shownRegistries && shownRegistries.length > 0 && <Registries registries={shownRegistries} />}
      {enable.error && (
        <div role="alert">
          <Notice tone="bad">{enable.error.message}</Notice>
        </div>
      )}
      {may && shownRegistries?.length === 1 && shownRegistries[0] && <Pattern registry={shownRegistries[0].name} />}
      <List
        label={t("nav.repositories")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={keyOf}
        narrowed={registry !== undefined || state !== undefined || q !== undefined}
        clear={() => {
          search({ registry: undefined, state: undefined, q: undefined });
        }}
        filters={
          <>
            <SearchInput
              label={t("repositories.filter")}
              value={q ?? ""}
              onChange={(value) => {
                search({ q: value === "" ? undefined : value });
              }}
            />
            <div className={classes.bar} role="group" aria-label={t("integration.state.title")}>
              {enablings.map((s) => (
                <Toggle
                  key={s}
                  pressed={state === s}
                  onChange={(pressed) => {
                    search({ state: pressed ? s : undefined });
                  }}
                >
                  <RepositoryState state={s} />
                </Toggle>
              ))}
            </div>
            {may && selected.length > 0 && (
              <div className={classes.bar}>
                <Button
                  size="compact-xs"
                  loading={enable.isPending}
                  onClick={() => {
                    apply(true);
                  }}
                >
                  {t("repositories.enableChosen", { count: selected.length, n: format.number(selected.length) })}
                </Button>
                <Button
                  variant="default"
                  size="compact-xs"
                  loading={enable.isPending}
                  onClick={() => {
                    apply(false);
                  }}
                >
                  {t("repositories.disableChosen", { count: selected.length, n: format.number(selected.length) })}
                </Button>
              </div>
            )}
          </>
        }
        exports={exportOf("/api/v1/export/repositories", { query: { registry, state, q } })}
        empty={
          <State icon={<IconBuildingWarehouse size={28} stroke={1.5} aria-hidden />} title={t("repositories.none.title")}>
            {t("repositories.none.text")}
          </State>
        }
      />
    </Page>
  );
}

/** In no language. */
const example = "team/*";

/** Enables all repositories of a registry that fit a pattern. */
function Pattern({ registry }: { registry: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const enable = useEnable();
  const [pattern, setPattern] = useState("");
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        enable.mutate({ registry, patterns: [pattern.trim()], enable: true });
      }}
    >
      <div className={classes.bar}>
        <TextInput
          size="xs"
          aria-label={t("repositories.pattern")}
          placeholder={example}
          value={pattern}
          error={enable.error !== null}
          onChange={(event) => {
            setPattern(event.currentTarget.value);
            enable.reset();
          }}
        />
        <Button type="submit" variant="default" size="xs" loading={enable.isPending} disabled={pattern.trim() === ""}>
          {t("repositories.enablePattern")}
        </Button>
        <span role="status" className="muted">
          {enable.data !== undefined && t("repositories.changed", { count: enable.data, n: format.number(enable.data) })}
        </span>
      </div>
      {enable.error && <Notice tone="bad">{enable.error.message}</Notice>}
    </form>
  );
}
