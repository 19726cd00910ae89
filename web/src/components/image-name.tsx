import type { Workload } from "@/data/environments";
import { useText } from "@/i18n/format";
import { CopyButton } from "./copy";
import { shortDigest, splitName } from "./name-parts";
import classes from "./image-name.module.css";

/** An image's name: its last part matters most and is cut last. */
export function ImageName({ name, digest }: { name: string; digest: string }) {
  const t = useText();
  if (name === "") {
    return (
      <span className={classes.name}>
        <span className="muted">{t("image.nameless")}</span>&nbsp;<span className="mono">{shortDigest(digest)}</span>
      </span>
    );
  }
  const { place, base, tag } = splitName(name);
  return (
    <span className={classes.name} title={name}>
      {place !== "" && <span className={classes.place}>{place}</span>}
      <span className={classes.base}>{base}</span>
      {tag !== "" && <span className={classes.tag}>{tag}</span>}
    </span>
  );
}

export function Digest({ value }: { value: string }) {
  return (
    <span className={classes.digest}>
      <span className="mono" title={value}>
        {shortDigest(value)}
      </span>
      <CopyButton text={value} />
    </span>
  );
}

/** Where a container belongs, from the outside in. */
export function WorkloadName({ workload, cluster = true }: { workload: Workload; cluster?: boolean }) {
  const { namespace, kind, name, container } = workload;
  return (
    <span className={classes.workload}>
      {cluster && <span className="muted">{workload.cluster} /</span>}
      <span className="muted">{namespace} /</span>
      <span>{name}</span>
      <span className="muted">{kind}</span>
      {container !== name && <span className="muted">[{container}]</span>}
    </span>
  );
}
