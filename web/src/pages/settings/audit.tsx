import { Button } from "@mantine/core";
import { IconDownload, IconHistory, IconSearchOff } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { FilterBar, SearchInput } from "@/components/filters";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";
import { Foot, Table, type Column } from "@/components/table";
import { auditExport, auditQuery, type AuditEntry } from "@/data/audit";
import { useRows } from "@/data/pages";

export function AuditPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/app/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const { actor, action } = filter;
  const list = useRows(auditQuery({ actor, action }));
  const filtered = actor !== undefined || action !== undefined;
  const clear = () => void navigate({ search: (s) => ({ ...s, actor: undefined, action: undefined }), replace: true });
  const columns: Column<AuditEntry>[] = [
    { id: "time", header: t("audit.time"), width: "8.5rem", cell: (e) => <Ago at={e.time} /> },
    {
      id: "actor",
      header: t("audit.actor"),
      width: "24%",
      cell: (e) => (
        <>
          <strong>{e.actor.name}</strong> <span className="muted">{t(`audit.kind.${e.actor.kind}`)}</span>
        </>
      ),
    },
    { id: "action", header: t("audit.action"), width: "13rem", cell: (e) => <code>{e.action}</code> },
    {
      id: "subject",
      header: t("audit.subject"),
      cell: (e) => {
        const detail = Object.entries(e.detail).map(([k, v]) => `${k}: ${v}`).join(", ");
        return (
          <span title={detail}>
            {e.subject} <span className="muted">{detail}</span>
          </span>
        );
      },
    },
    { id: "address", header: t("audit.address"), width: "9rem", priority: 3, cell: (e) => e.actor.address ?? <span className="muted">—</span> },
  ];
  return (
    <Page
      title={t("nav.audit")}
      lead={t("audit.lead")}
      actions={(["csv", "ndjson"] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={auditExport({ actor, action }, format)}
          download
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          {t(`audit.export.${format}`)}
        </Button>
      ))}
    >
      <FilterBar>
        <SearchInput
          label={t("audit.byActor")}
          value={actor ?? ""}
          onChange={(text) => void navigate({ search: (s) => ({ ...s, actor: text === "" ? undefined : text }), replace: true })}
        />
        <SearchInput
          label={t("audit.byAction")}
          value={action ?? ""}
          onChange={(text) => void navigate({ search: (s) => ({ ...s, action: text === "" ? undefined : text }), replace: true })}
        />
      </FilterBar>
      <Section>
        {list.error ? (
          <ErrorState error={list.error} retry={list.retry} />
        ) : (
          <Table
            label={t("nav.audit")}
            columns={columns}
            rows={list.rows}
            keyOf={(e) => e.id}
            onEnd={list.hasMore ? list.loadMore : undefined}
            empty={
              filtered ? (
                <State
                  icon={<IconSearchOff size={28} stroke={1.5} aria-hidden />}
                  title={t("audit.noneOf")}
                  actions={
                    <Button variant="default" size="xs" onClick={clear}>
                      {t("list.showAll")}
                    </Button>
                  }
                />
              ) : (
                <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("audit.none")} />
              )
            }
            foot={<Foot loaded={list.rows?.length ?? 0} shown={list.rows?.length ?? 0} {...list} clear={clear} />}
          />
        )}
      </Section>
    </Page>
  );
}
