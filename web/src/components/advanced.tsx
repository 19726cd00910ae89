import { IconChevronRight } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import classes from "./advanced.module.css";

/** What few need, folded until somebody looks for it, or `unfold` says that something in it is set or to be corrected. */
export function Advanced({ title, unfold = false, children }: { title: string; unfold?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(unfold);
  // Once it is open it stays so: what is being corrected must not fold away while one types.
  if (unfold && !open) {
    setOpen(true);
  }
  return (
    <details
      className={classes.advanced}
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <IconChevronRight size={14} aria-hidden /> {title}
      </summary>
      <div className={classes.fields}>{children}</div>
    </details>
  );
}
