import { IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./advanced.module.css";

/** What few need, folded until somebody looks for it; `open` where something in it is to be corrected. */
export function Advanced({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  return (
    <details className={classes.advanced} open={open || undefined}>
      <summary>
        <IconChevronRight size={14} aria-hidden /> {title}
      </summary>
      <div className={classes.fields}>{children}</div>
    </details>
  );
}
