import { Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { usePrinting } from "./printing";
import classes from "./table.module.css";

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** A CSS width; one column should have none and take what is left. */
  width?: string;
  end?: boolean;
  /** 1 always shows, 2 not in a narrow window, 3 only in a wide one. */
  priority?: 1 | 2 | 3;
  /** For long texts, which break instead of being cut. */
  wrap?: boolean;
  sort?: { direction: "ascending" | "descending"; active: boolean; choose: () => void };
}

export interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  /** Undefined while the first rows are loading. */
  rows: T[] | undefined;
  keyOf: (row: T) => string;
  /** What stands over the whole width in place of the row's cells: the head of a group. */
  group?: (row: T) => ReactNode;
  /** What stands below the row. */
  detail?: (row: T) => ReactNode;
  /** In place of rows when there are none. */
  empty: ReactNode;
  foot?: ReactNode;
  /** Called when the end of the rows comes near. */
  onEnd?: (() => void) | undefined;
  /** Rows while loading; about as many as will come. */
  skeleton?: number;
}

const rowHeight = 38;
/** Fewer rows are all in the document: the browser's own search and print find them. */
const virtualFrom = 80;

/** A long table: real table elements, of which only those near the window are in the document. */
export function Table<T>({ label, columns, rows, keyOf, group, detail, empty, foot, onEnd, skeleton = 8 }: TableProps<T>) {
  const table = useRef<HTMLTableElement>(null);
  const [margin, setMargin] = useState(0);
  const printing = usePrinting();
  const count = rows?.length ?? 0;
  const virtual = count >= virtualFrom && !printing;
  const virtualizer = useWindowVirtualizer({
    count,
    enabled: virtual,
    estimateSize: () => rowHeight,
    overscan: 15,
    scrollMargin: margin,
    getItemKey: (i) => (rows?.[i] === undefined ? i : keyOf(rows[i])),
  });
  useLayoutEffect(() => {
    const top = table.current?.getBoundingClientRect().top ?? 0;
    setMargin(top + window.scrollY);
  }, [virtual]);

  const items = virtual ? virtualizer.getVirtualItems() : undefined;
  const first = items?.[0];
  const last = items?.at(-1);
  useEffect(() => {
    if (last && last.index >= count - 10) {
      onEnd?.();
    }
  }, [last, count, onEnd]);

  const indexes = items?.map((item) => item.index) ?? rows?.map((_, i) => i) ?? [];
  const before = first ? first.start - margin : 0;
  const after = last ? virtualizer.getTotalSize() - (last.end - margin) : 0;

  return (
    <>
      <table ref={table} className={classes.table} aria-label={label} aria-rowcount={rows ? count + 1 : -1} aria-busy={rows === undefined}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.id} scope="col" style={{ width: c.width }} className={classOf(c)} aria-sort={c.sort?.active ? c.sort.direction : undefined}>
                <Head column={c} />
              </th>
            ))}
          </tr>
        </thead>
        {rows === undefined && <SkeletonRows columns={columns} count={skeleton} />}
        {before > 0 && <Space height={before} />}
        {rows &&
          indexes.map((i) => {
            const row = rows[i];
            if (row === undefined) {
              return null;
            }
            const head = group?.(row);
            const below = detail?.(row);
            return (
              <tbody key={keyOf(row)} data-index={i} ref={virtual ? virtualizer.measureElement : undefined}>
                {head !== undefined && head !== null ? (
                  <tr className={classes.group} aria-rowindex={i + 2}>
                    <th scope="rowgroup" colSpan={columns.length}>
                      {head}
                    </th>
                  </tr>
                ) : (
                  <tr className={`${classes.row ?? ""} ${classes.linked ?? ""}`} aria-rowindex={i + 2}>
                    {columns.map((c) => (
                      <td key={c.id} className={classOf(c)}>
                        {c.cell(row)}
                      </td>
                    ))}
                  </tr>
                )}
                {below !== undefined && below !== null && (
                  <tr className={classes.detail}>
                    <td colSpan={columns.length}>{below}</td>
                  </tr>
                )}
              </tbody>
            );
          })}
        {after > 0 && <Space height={after} />}
      </table>
      {rows?.length === 0 && empty}
      {foot !== undefined && rows !== undefined && rows.length > 0 && <div className={classes.foot}>{foot}</div>}
    </>
  );
}

function classOf<T>(c: Column<T>): string {
  return [c.end ? classes.end : "", c.wrap ? classes.wrap : "cut", c.priority === 2 ? classes.second : "", c.priority === 3 ? classes.third : ""].join(" ");
}

function Head<T>({ column }: { column: Column<T> }) {
  const { sort, header } = column;
  if (!sort) {
    return header;
  }
  const Arrow = sort.direction === "ascending" ? IconArrowUp : IconArrowDown;
  return (
    <button type="button" className={classes.sort} onClick={sort.choose}>
      {header}
      <Arrow size={12} aria-hidden opacity={sort.active ? 1 : 0} />
    </button>
  );
}

function Space({ height }: { height: number }) {
  return (
    <tbody aria-hidden>
      <tr>
        <td style={{ height, padding: 0 }} />
      </tr>
    </tbody>
  );
}

function SkeletonRows<T>({ columns, count }: { columns: Column<T>[]; count: number }) {
  return (
    <tbody aria-hidden>
      {Array.from({ length: count }, (_, i) => (
        <tr key={i} className={classes.row}>
          {columns.map((c, j) => (
            <td key={c.id} className={classOf(c)}>
              <Skeleton height={10} width={j === 0 ? `${55 + ((i * 17) % 35)}%` : "60%"} display="inline-block" />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

interface FootProps {
  /** Rows loaded, and of these shown. */
  loaded: number;
  shown: number;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  clear?: (() => void) | undefined;
}

/** Says how many rows there are, how many the filters hide, and whether there are more. */
export function Foot({ loaded, shown, hasMore, isLoadingMore, loadMore, clear }: FootProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const hidden = loaded - shown;
  return (
    <>
      <span role="status">
        {t("list.shown", { count: shown, n: format.number(shown) })}
        {hidden > 0 && <> · {t("list.hidden", { count: hidden, n: format.number(hidden) })}</>}
        {hasMore && <> · {t("list.more")}</>}
      </span>
      <span className="no-print">
        {hidden > 0 && clear && (
          <Button variant="subtle" size="compact-xs" onClick={clear}>
            {t("list.showAll")}
          </Button>
        )}
        {hasMore && (
          <Button variant="default" size="compact-xs" loading={isLoadingMore} onClick={loadMore}>
            {t("list.loadMore")}
          </Button>
        )}
      </span>
    </>
  );
}
