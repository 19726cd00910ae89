import { useLayoutEffect, useState, type RefObject } from "react";

/** What a column without a width should have at least, and what one whose width goes by the table's; in rem. */
const flexible = 14;
const share = 10;

/** Up to this width, in rem, columns of the second priority have no room either; table.module.css has it too. */
const least = 36;

/** How wide a table has to be for columns of these CSS widths, in rem, so that none gives way. */
export function roomFor(widths: (string | undefined)[]): number {
  const sum = widths.reduce((sum, width) => {
    const sizes = [...(width ?? "").matchAll(/([\d.]+)rem/g)].map((m) => Number(m[1]));
    if (sizes.length === 0) {
      return sum + (width === undefined ? flexible : share);
    }
    // Of a range its middle: less would cut what stands there, and the most is more than that needs.
    return sum + (Math.min(...sizes) + Math.max(...sizes)) / 2;
  }, 0);
  return Math.max(least, sum);
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
