import classes from "./meter.module.css";

/** What a part of a meter says; each has a pattern of its own beside its colour. */
export type Fill = "good" | "bad" | "open" | "unknown";

export interface MeterPart {
  fill: Fill;
  n: number;
  /** For the pointer. */
  title?: string;
}

/** Parts of a whole, as a bar; what is none takes no room. */
export function Meter({ parts, label, small = false }: { parts: readonly MeterPart[]; label: string; small?: boolean }) {
  return (
    <div className={`${classes.meter ?? ""} ${small ? (classes.small ?? "") : ""}`} role="img" aria-label={label}>
      {parts
        .filter((p) => p.n > 0)
        .map((p) => (
          <span key={p.fill} className={classes[p.fill]} style={{ flexGrow: p.n }} title={p.title} />
        ))}
    </div>
  );
}

/** How a part of a meter looks, beside its name. */
export function Swatch({ fill }: { fill: Fill }) {
  return <span className={`${classes.swatch ?? ""} ${classes[fill] ?? ""}`} aria-hidden />;
}
