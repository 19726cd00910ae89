import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Choice } from "@/components/filters";
import { List } from "@/components/list";
import { Page } from "@/components/page";
import { SinceField } from "@/components/since-field";
import { State } from "@/components/state";
import { UpdateState } from "@/components/status";
import type { Column } from "@/components/table";
import { exportOf } from "@/data/export";
import { updateParameters, updatesQuery, type AdvisoryUpdate } from "@/data/news";
import { useRows } from "@/data/pages";
import { advisoriesQuery, feedName } from "@/data/system";
import { useFormat } from "@/i18n/format";

/** How many names of each kind a row shows; the API has more. */
const shownNames = 12;

/** What updates of advisories changed, what was found for that, and which failed. */
export function UpdatesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { of, since } = useSearch({ from: "/app/settings/updates" });
  const navigate = useNavigate({ from: "/settings/updates" });
  const list = useRows(updatesQuery({ of, since }));
  const feeds = useQuery(advisoriesQuery).data ?? [];
  const name = (u: AdvisoryUpdate) => (u.feed === "osv" ? (u.ecosystem === "" ? t("updates.single") : u.ecosystem) : u.feed === "bundle" ? t("updates.bundle") : u.feed.toUpperCase());
  const number = (n: number) => (n === 0 ? <span className="muted">–</span> : format.number(n));
  const columns: Column<AdvisoryUpdate>[] = [
    { id: "at", header: t("news.when"), width: "8.5rem", priority: 2, cell: (u) => <Ago at={u.at} /> },
    { id: "feed", header: t("updates.feed"), cell: (u) => <strong>{name(u)}</strong> },
    { id: "state", header: t("integration.state.title"), width: "9rem", priority: 2, cell: (u) => <UpdateState tries={u.tries ?? 0} /> },
    { id: "added", header: t("updates.added"), width: "6rem", end: true, priority: 2, cell: (u) => number(u.added.count) },
    { id: "changed", header: t("updates.changed"), width: "6rem", end: true, priority: 2, cell: (u) => number(u.changed.count) },
    { id: "withdrawn", header: t("updates.withdrawn"), width: "7rem", end: true, priority: 3, cell: (u) => number(u.withdrawn.count) },
    { id: "opened", header: t("news.becomes.found"), width: "5rem", end: true, cell: (u) => number(u.opened) },
    { id: "closed", header: t("news.becomes.gone"), width: "5rem", end: true, cell: (u) => number(u.closed) },
  ];
  return (
    <Page
      title={t("updates.title")}
      lead={t("updates.lead")}
      crumbs={[
        <Link key="data" to="/settings/data">
          {t("nav.data")}
        </Link>,
      ]}
    >
      <List
        label={t("updates.title")}
        columns={columns}
        list={list}
        rows={list.rows}
        keyOf={(u) => u.id}
        detail={(u) => <Detail update={u} />}
        filters={
          <>
            <SinceField value={since} onChange={(at) => void navigate({ search: (s) => ({ ...s, since: at }), replace: true })} />
            <Choice
              label={t("updates.feed")}
              options={[{ value: "", label: t("updates.any") }, ...feeds.map((f) => ({ value: f.feed === "osv" ? f.ecosystem : f.feed, label: feedName(f) }))]}
              value={of ?? ""}
              onChange={(chosen) => void navigate({ search: (s) => ({ ...s, of: chosen === "" ? undefined : chosen }), replace: true })}
            />
          </>
        }
        narrowed={of !== undefined || since !== undefined}
        clear={() => void navigate({ search: (s) => ({ ...s, of: undefined, since: undefined }), replace: true })}
        exports={exportOf("/api/v1/export/advisories/updates", { query: updateParameters({ of, since }) })}
        empty={
          <State icon={<IconHistory size={28} stroke={1.5} aria-hidden />} title={t("updates.none.title")}>
            {t("updates.none.text")}
          </State>
        }
      />
    </Page>
  );
}

/** Why it failed, or which records it brought. */
function Detail({ update }: { update: AdvisoryUpdate }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (update.reason !== undefined) {
    return <p className="muted">{update.reason}</p>;
  }
  const kinds = (["added", "changed", "withdrawn"] as const).filter((kind) => update[kind].count > 0);
  return (
    <>
      {kinds.map((kind) => {
        const { count, ids } = update[kind];
        const shown = ids.slice(0, shownNames);
        const more = count - shown.length;
        return (
          <p key={kind} className="muted">
            {t(`updates.${kind}`)}: {shown.join(", ")}
            {more > 0 && <> {t("updates.more", { count: more, n: format.number(more) })}</>}
          </p>
        );
      })}
    </>
  );
}
