import classes from "./package-type.module.css";

/** The type of a package, as package URLs name it. */
export function PackageType({ type }: { type: string }) {
  return <span className={classes.type}>{type}</span>;
}
