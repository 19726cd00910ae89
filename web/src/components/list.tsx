import { Button } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ExportAddress } from "@/data/export";
import type { Rows } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import { ExportMenu } from "./export-menu";
import { FilterBar } from "./filters";
import { Section } from "./page";
import { ErrorState, State } from "./state";
import { Foot, Table, type TableProps } from "./table";

export interface ListProps<T> extends Pick<TableProps<T>, "label" | "columns" | "keyOf" | "group" | "detail" | "skeleton"> {
  /** Heads the table; without one the page's own title does. */
  title?: string;
  /** Stands beside the title. */
  aside?: ReactNode;
  /** What is loaded of the list, and how more comes. */
  list: Rows<unknown>;
  /** The rows to show: all that are loaded, or those that the page's own filters leave. */
  rows: T[] | undefined;
  /** How many of the list `rows` stand for, where heads of groups are among them. */
  shown?: number | undefined;
  filters?: ReactNode;
  /** Ends all filters; there is one if the list can be narrowed. */
  clear?: (() => void) | undefined;
  /** Whether the server was asked for a part only, so that no rows do not mean there are none. */
  narrowed?: boolean;
  /** How many the server left out as minor. */
  minor?: number;
  /** Stands in place of rows when there are none and nothing narrows the list. */
  empty: ReactNode;
  /** What else one may want to do when the filters leave nothing. */
  noMatch?: ReactNode;
  /** Of the same rows: what narrows the list narrows the file. */
  exports?: ExportAddress;
}

/**
 * A list as every page shows it: filters and export above, rows, what filters hide below;
 * while it loads, when it cannot, and when there is nothing.
 */
export function List<T>({ title, aside, list, rows, shown, filters, clear, narrowed = false, minor = 0, empty, noMatch, exports, ...table }: ListProps<T>) {
  const loaded = list.rows?.length ?? 0;
  const visible = shown ?? rows?.length ?? 0;
  const menu = exports && <ExportMenu address={exports} />;
  const inHead = filters === undefined && title !== undefined;
  return (
    <>
      {!inHead && (filters !== undefined || menu) && <FilterBar end={menu}>{filters}</FilterBar>}
      <Section
        {...(title !== undefined && { title })}
        aside={
          <>
            {aside}
            {inHead && menu}
          </>
        }
      >
        {list.error ? (
          <ErrorState error={list.error} retry={list.retry} />
        ) : (
          <Table
            {...table}
            rows={rows}
            onEnd={list.hasMore ? list.loadMore : undefined}
            empty={loaded === 0 && !narrowed ? empty : <NoMatch list={list} minor={minor} clear={clear} more={noMatch} />}
            foot={<Foot loaded={loaded} shown={visible} {...list} narrowed={narrowed} minor={minor} clear={clear} />}
          />
        )}
      </Section>
    </>
  );
}

/** Says that the filters leave nothing, and how to see something. */
function NoMatch({ list, minor, clear, more }: { list: Rows<unknown>; minor: number; clear: (() => void) | undefined; more: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const loaded = list.rows?.length ?? 0;
  return (
    <State
      icon={<IconSearchOff size={28} stroke={1.5} aria-hidden />}
      title={loaded === 0 ? t("list.noneOf") : t("list.noMatch", { count: loaded, n: format.number(loaded) })}
      actions={
        <>
          {clear && (
            <Button variant="default" size="xs" onClick={clear}>
              {t("list.showAll")}
            </Button>
          )}
          {list.hasMore && (
            <Button size="xs" loading={list.isLoadingMore} onClick={list.loadMore}>
              {t("list.loadMore")}
            </Button>
          )}
          {more}
        </>
      }
    >
      {minor > 0 && t("minor.hidden", { count: minor, n: format.number(minor) })}
    </State>
  );
}
