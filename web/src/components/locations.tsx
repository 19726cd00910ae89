import type { Package } from "@/data/images";

/** Where a package lies: the first place, and how many more there are. */
export function Locations({ of: all }: { of: NonNullable<Package["locations"]> }) {
  const first = all[0];
  if (!first) {
    return null;
  }
  return (
    <span className="mono" title={all.map((l) => l.path).join("\n")}>
      {first.path}
      {all.length > 1 && <span className="muted"> +{all.length - 1}</span>}
    </span>
  );
}
