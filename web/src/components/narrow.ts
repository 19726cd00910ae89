import { useLayoutEffect, useState, type RefObject } from "react";

/** What a column without a width should have at least, in rem. */
const flexible = 14.5;

/** Up to this width, in rem, columns of the second priority have no room either; table.module.css has it too. */
const least = 36;

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
  while (table < 200 && given.reduce((sum, width) => sum + taken(width, table), rest) > table) {
    table += 0.5;
  }
  return table;
}

/** Whether what an element is in is narrower than so many rem, so that columns of its table give way. */
export function useNarrow(element: RefObject<HTMLElement | null>, room: number): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const place = element.current?.parentElement;
    if (!place) {
      return;
    }
    const most = room * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => {
      setNarrow(place.clientWidth <= most);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => {
      observer.disconnect();
    };
  }, [element, room]);
  return narrow;
}
