import { CopyButton } from "./copy";
import classes from "./code.module.css";

/** Lines of a file to copy. They are not broken: they scroll, by keys too. */
export function Code({ label, children }: { label: string; children: string }) {
  return (
    <div className={classes.code}>
      <span className={classes.copy}>
        <CopyButton text={children} />
      </span>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll only where it takes the focus */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {children}
      </pre>
    </div>
  );
}
