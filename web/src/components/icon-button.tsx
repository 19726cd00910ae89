import type { ReactNode } from "react";
import classes from "./icon-button.module.css";

interface IconButtonProps {
  label: string;
  onClick: () => void;
  /** Whether what it opens is open, if it opens something. */
  expanded?: boolean;
  className?: string;
  children: ReactNode;
}

/** A small button that is an icon: a plain element, as there may be one in each row of a list. */
export function IconButton({ label, onClick, expanded, className = "", children }: IconButtonProps) {
  return (
    <button type="button" className={`${classes.button ?? ""} ${className}`} aria-label={label} title={label} aria-expanded={expanded} onClick={onClick}>
      {children}
    </button>
  );
}
