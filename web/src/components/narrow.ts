import { useLayoutEffect, useState, type RefObject } from "react";

/** What a column without a width should have at least, in rem. */
const flexible = 12;

/** Up to this width, in rem, all columns that may give way do, however little they need. */
const least = 36;

/** The width of a column of severities: the word with its letter, or the letter where the table is so narrow that table.module.css says so. */
export const severityWidth = "var(--severity, 8.25rem)";

/** How much of a table is on a page of paper, in rem. */
const paper = 44;

/** No table is wider, in rem: what finds no room in it asks for more than there is. */
const widest = 200;

/** What a column takes: so many rem, a share of its table, or a share between two bounds. */
interface Size {
  low: number;
  share: number;
  high: number;
}

/** Reads a CSS width: rem, percent or cqi, or a clamp or a minimum or maximum of these. */
function sizeOf(width: string | undefined): Size {
  if (width === undefined) {
    return { low: flexible, share: 0, high: flexible };
  }
  const rems = [...width.matchAll(/([\d.]+)rem/g)].map((m) => Number(m[1]));
  const share = /([\d.]+)(?:%|cqi)/.exec(width)?.[1];
  if (share === undefined) {
    const [rem = 0] = rems;
    return { low: rem, share: 0, high: rem };
  }
  const [low = 0, high = Infinity] = rems;
  return { low, share: Number(share) / 100, high };
}

/** How wide a table has to be for columns of these CSS widths, in rem, so that none gives way. */
export function roomFor(widths: (string | undefined)[]): number {
  const sizes = widths.map(sizeOf);
  let table = least;
  while (sizes.reduce((sum, { low, share, high }) => sum + Math.min(Math.max(low, share * table), high), 0) > table) {
    table += 0.5;
    if (table > widest) {
      console.error(`columns of these widths have room in no table: ${widths.join(", ")}`);
      break;
    }
  }
  return table;
}

/** What decides whether a column gives way; see `Column` of tables. */
export interface Place {
  width?: string;
  priority?: 1 | 2 | 3;
}

/** The columns that may give way, by their number, in the order in which they do: those of the third priority first, and of the same priority the last one first. */
export function leaving(columns: readonly Place[]): number[] {
  const of = (priority: number) => columns.flatMap((c, i) => (c.priority === priority ? [i] : [])).reverse();
  return [...of(3), ...of(2)];
}

/** Up to which widths of the table, in rem, columns give way: the first of `leaving` up to the first width, and so on. */
export function roomsFor(columns: readonly Place[]): number[] {
  const order = leaving(columns);
  return order.map((_, n) => {
    const gone = order.slice(0, n);
    return roomFor(columns.filter((_, i) => !gone.includes(i)).map((c) => c.width));
  });
}

/** How many columns find no room in a table so wide, in rem. */
function without(rooms: readonly number[], width: number): number {
  return rooms.filter((room) => width <= room).length;
}

/** Which columns of a table have no room in what the table is in, or on paper, by their number. */
export function useGivingWay(element: RefObject<HTMLElement | null>, columns: readonly Place[], printing: boolean): number[] {
  const [count, setCount] = useState(0);
  // Columns are made anew with each drawing of a page, and differ seldom.
  const rooms = roomsFor(columns).join(" ");
  useLayoutEffect(() => {
    const place = element.current?.parentElement;
    if (!place) {
      return;
    }
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => {
      setCount(without(numbers(rooms), place.clientWidth / rem));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => {
      observer.disconnect();
    };
  }, [element, rooms]);
  return leaving(columns).slice(0, printing ? without(numbers(rooms), paper) : count);
}

function numbers(words: string): number[] {
  return words === "" ? [] : words.split(" ").map(Number);
}
