import { useLayoutEffect, useState, type RefObject } from "react";

/** What a column without a width should have at least, in rem. */
const flexible = 11;

/** Up to this width, in rem, columns of the second priority have no room, however little they need. */
const least = 36;

/** The width of a column of severities: the word with its letter, or the letter where the table is so narrow that table.module.css says so. */
export const severityWidth = "var(--severity, 8.25rem)";

/** How much of a table is on a page of paper, in rem. */
const paper = 44;

/** No table is wider, in rem: what finds no room in it asks for more than there is. */
const widest = 200;

/** What columns of this CSS width take of a table as wide as `table`, in rem: so many rem, a share in percent, or a share between two bounds. */
function taken(width: string, table: number): number {
  const sizes = [...width.matchAll(/([\d.]+)(rem|%|cqi)/g)].map((m) => (m[2] === "rem" ? Number(m[1]) : (Number(m[1]) / 100) * table));
  const [low = 0, middle = low, high = middle] = sizes;
  return Math.min(Math.max(low, middle), high);
}

/** How wide a table has to be for columns of these CSS widths, in rem, so that none gives way. */
export function roomFor(widths: (string | undefined)[]): number {
  const given = widths.filter((width) => width !== undefined);
  const rest = (widths.length - given.length) * flexible;
  let table = least;
  while (given.reduce((sum, width) => sum + taken(width, table), rest) > table) {
    table += 0.5;
    if (table > widest) {
      console.error(`columns of these widths have room in no table: ${given.join(", ")}`);
      break;
    }
  }
  return table;
}

/** Which columns give way: those of this priority and of higher ones. */
export type Narrow = 2 | 3 | undefined;

/** Which columns of a table have no room in what the table is in, or on paper; `third` and `second` are the widths, in rem, up to which columns of these priorities give way. */
export function useNarrow(element: RefObject<HTMLElement | null>, third: number, second: number, printing: boolean): Narrow {
  const [narrow, setNarrow] = useState<Narrow>();
  useLayoutEffect(() => {
    const place = element.current?.parentElement;
    if (!place) {
      return;
    }
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => {
      const width = place.clientWidth / rem;
      setNarrow(width <= second ? 2 : width <= third ? 3 : undefined);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => {
      observer.disconnect();
    };
  }, [element, third, second]);
  return printing ? (paper <= second ? 2 : 3) : narrow;
}
