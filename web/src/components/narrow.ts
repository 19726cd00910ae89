import { useLayoutEffect, useState, type RefObject } from "react";

/** Up to this width, in rem, a table has no room for its columns of the lowest priority; table.module.css has it too. */
const roomy = 66;

/** Whether what an element is in is so narrow that columns of its table give way. */
export function useNarrow(element: RefObject<HTMLElement | null>): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const place = element.current?.parentElement;
    if (!place) {
      return;
    }
    const most = roomy * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => {
      setNarrow(place.clientWidth <= most);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return narrow;
}
