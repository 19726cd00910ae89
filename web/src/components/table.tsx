import { Button, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { isValidElement, memo, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useGivingWay } from "./narrow";
import { usePrinting } from "./printing";
import classes from "./table.module.css";

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** A CSS width; one column should have none and take what is left. */
  width?: string;
  end?: boolean;
  /** The header is told to who hears the page alone: what stands in the column speaks for itself, "narrow" where the table is narrow. */
  headless?: boolean | "narrow";
  /** 1 always shows. Where there is no room for all, columns of 3 give way one after the other, the last one first, then those of 2; their values stand below the row. */
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

const none: never[] = [];
const rowHeight = 38;
/** Fewer rows, about as many as are seen, are all in the document, where the browser's own search finds them. */
const virtualFrom = 40;
/** So many rows before the end of what is loaded more is asked for, so that who scrolls by a hand does not meet the end. */
const early = 20;

/** A long table: real table elements, of which only those near the window are in the document. */
export function Table<T>({ label, columns, rows, keyOf, group, detail, empty, foot, onEnd, skeleton = 8 }: TableProps<T>) {
  const table = useRef<HTMLTableElement>(null);
  const [margin, setMargin] = useState(0);
  const printing = usePrinting();
  const gone = useGivingWay(table, columns, printing);
  const count = rows?.length ?? 0;
  const virtual = count >= virtualFrom && !printing;
  const virtualizer = useWindowVirtualizer({
    count,
    enabled: virtual,
    estimateSize: () => rowHeight,
    overscan: 4,
    scrollMargin: margin,
    // Known from the first time on, so that no more rows are made than are seen.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    getItemKey: (i) => (rows?.[i] === undefined ? i : keyOf(rows[i])),
  });
  useLayoutEffect(() => {
    if (virtual) {
      setMargin((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    }
  }, [virtual]);
  // Of numbers a word is made, which is the same as long as no other columns give way.
  const away = gone.join(" ");
  const names = useMemo(() => columns.map((c, i) => classOf(c, away.split(" ").includes(String(i)))), [columns, away]);
  const moved = useMemo(() => (away === "" ? none : columns.filter((_, i) => away.split(" ").includes(String(i)))), [columns, away]);

  const items = virtual ? virtualizer.getVirtualItems() : undefined;
  const first = items?.[0];
  const last = items?.at(-1);
  useEffect(() => {
    if (last && last.index >= count - early) {
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
            {columns.map((c, i) => (
              <th key={c.id} scope="col" style={{ width: c.width }} className={names[i]} aria-sort={c.sort?.active ? c.sort.direction : undefined}>
                <Head column={c} />
              </th>
            ))}
          </tr>
        </thead>
        {rows === undefined && <SkeletonRows columns={columns} names={names} count={skeleton} />}
        {before > 0 && <Space height={before} />}
        {rows &&
          indexes.map((i) => {
            const row = rows[i];
            if (row === undefined) {
              return null;
            }
            return (
              <Row key={keyOf(row)} row={row} index={i} columns={columns} names={names} moved={moved} group={group} detail={detail} measure={virtual ? virtualizer.measureElement : undefined} />
            );
          })}
        {after > 0 && <Space height={after} />}
      </table>
      {rows?.length === 0 && empty}
      {foot !== undefined && rows !== undefined && rows.length > 0 && <div className={classes.foot}>{foot}</div>}
    </>
  );
}

interface RowProps<T> {
  columns: Column<T>[];
  group: ((row: T) => ReactNode) | undefined;
  detail: ((row: T) => ReactNode) | undefined;
  row: T;
  index: number;
  /** The class of each column. */
  names: string[];
  /** Those whose values stand below the row where there is no room for them. */
  moved: Column<T>[];
  measure: ((element: Element | null) => void) | undefined;
}

/** Made anew only when what is in it changes, and not while one scrolls. */
const Row = memo(function Row<T>({ row, index, columns, names, moved, group, detail, measure }: RowProps<T>) {
  const head = group?.(row);
  const below = detail?.(row);
  return (
    <tbody data-index={index} ref={measure}>
      {head !== undefined && head !== null ? (
        <tr className={classes.group} aria-rowindex={index + 2}>
          <th scope="rowgroup" colSpan={columns.length}>
            {head}
          </th>
        </tr>
      ) : (
        <tr className={rowClass} aria-rowindex={index + 2}>
          {columns.map((c, i) => (
            <td key={c.id} className={names[i]}>
              {c.cell(row)}
            </td>
          ))}
        </tr>
      )}
      {(head === undefined || head === null) && moved.length > 0 && <Below row={row} columns={columns.length} moved={moved} />}
      {below !== undefined && below !== null && (
        <tr className={classes.detail}>
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </tbody>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

/** What a narrow window has no columns for. */
function Below<T>({ row, columns, moved }: { row: T; columns: number; moved: Column<T>[] }) {
  const values = moved.map((column) => ({ column, value: column.cell(row) })).filter(({ value }) => !isNothing(value));
  if (values.length === 0) {
    return null;
  }
  return (
    <tr className={classes.below}>
      <td colSpan={columns}>
        <dl>
          {values.map(({ column, value }) => (
            <div key={column.id}>
              <dt>{column.header}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </td>
    </tr>
  );
}

/** Whether a cell has nothing to say: below a row there is no place to keep for it. */
function isNothing(value: ReactNode): boolean {
  if (isValidElement<{ children?: ReactNode; className?: string }>(value) && value.type === "span") {
    return isNothing(value.props.children);
  }
  return value === undefined || value === null || typeof value === "boolean" || value === "" || value === "—" || value === "–";
}

const rowClass = `${classes.row ?? ""} ${classes.linked ?? ""}`;

function classOf<T>(c: Column<T>, gone: boolean): string {
  return [c.end && classes.end, c.wrap ? classes.wrap : "cut", gone && classes.gone].filter(Boolean).join(" ");
}

function Head<T>({ column }: { column: Column<T> }) {
  const { sort, header, headless = false } = column;
  if (!sort) {
    return headless === true ? <VisuallyHidden>{header}</VisuallyHidden> : headless === "narrow" ? <span className={classes.wide}>{header}</span> : header;
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

function SkeletonRows<T>({ columns, names, count }: { columns: Column<T>[]; names: string[]; count: number }) {
  return (
    <tbody aria-hidden>
      {Array.from({ length: count }, (_, i) => (
        <tr key={i} className={classes.row}>
          {columns.map((c, j) => (
            <td key={c.id} className={names[j]}>
              <span className={classes.skeleton} data-width={j === 0 ? i % 4 : undefined} />
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
  /** Whether the server was asked for a part only; how many that leaves out it does not count. */
  narrowed?: boolean;
  /** How many the server left out as minor. */
  minor?: number;
  clear?: (() => void) | undefined;
}

/** Says how many rows there are, how many the filters hide, and whether there are more. */
export function Foot({ loaded, shown, hasMore, isLoadingMore, loadMore, narrowed = false, minor = 0, clear }: FootProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const hidden = loaded - shown;
  return (
    <>
      <span role="status">
        {t("list.shown", { count: shown, n: format.number(shown) })}
        {hidden > 0 && <> · {t("list.hidden", { count: hidden, n: format.number(hidden) })}</>}
        {minor > 0 && <> · {t("minor.hidden", { count: minor, n: format.number(minor) })}</>}
        {narrowed && <> · {t("list.narrowed")}</>}
        {hasMore && <> · {t("list.more")}</>}
      </span>
      <span className="no-print">
        {(hidden > 0 || narrowed) && clear && (
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
