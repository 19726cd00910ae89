import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CopyButton } from "@/components/copy";
import { Facts, Section } from "@/components/page";
import { Table, type Column } from "@/components/table";
import type { Image } from "@/data/images";
import { useFormat } from "@/i18n/format";
import { numberOf } from "./layers";
import { SbomMenu } from "./sbom-menu";

function Whole({ digest }: { digest: string }) {
  return (
    <>
      <span className="mono">{digest}</span> <CopyButton text={digest} />
    </>
  );
}

/** The facts of an image, how it wants to run, what of it was not analysed, and its bill of materials as a file. */
export function ImageDetails({ image }: { image: Image | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!image) {
    return null;
  }
  return (
    <>
      {image.problems && image.problems.length > 0 && <Problems image={image} problems={image.problems} />}
      <Section
        title={t("image.facts")}
        padded
        aside={image.state === "analysed" && <SbomMenu digest={image.digest} />}
      >
        <Facts
          facts={[
            [t("image.name"), image.name],
            [t("image.digest"), <Whole key="digest" digest={image.digest} />],
            [t("image.imageId"), <Whole key="id" digest={image.imageId} />],
            [t("image.base"), image.base && <BaseImage key="base" base={image.base} />],
            [t("image.platform"), image.platform],
            [t("image.distribution"), image.distribution],
            [t("image.endOfLife"), image.endOfLife && <EndOfLife key="end" end={image.endOfLife} />],
            [t("image.size"), t("image.compressed", { size: format.bytes(image.size) })],
            [t("image.packages"), image.state === "analysed" ? format.number(image.packages) : ""],
            [t("image.built"), image.config?.created && <Ago key="built" at={image.config.created} />],
            [t("image.recorded"), <Ago key="recorded" at={image.recorded} />],
          ]}
        />
      </Section>
      {image.config && <Configuration config={image.config} />}
    </>
  );
}

/** What an image is built on, and how that is known. What is known by its layers is an image of one's own. */
function BaseImage({ base }: { base: NonNullable<Image["base"]> }) {
  const { t } = useTranslation();
  const name = base.name ?? base.digest ?? "";
  if (base.by !== "layers") {
    return t(`image.baseBy.${base.by}`, { name });
  }
  const text = t("image.baseBy.layers", { name, count: base.layers });
  return base.digest === undefined ? (
    text
  ) : (
    <Link to="/images/$digest" params={{ digest: base.digest }}>
      {text}
    </Link>
  );
}

/** The last day of a distribution's release, with the page of its makers that says so. */
function EndOfLife({ end }: { end: NonNullable<Image["endOfLife"]> }) {
  const format = useFormat();
  return (
    <a href={end.source} target="_blank" rel="noreferrer">
      {format.day(end.day)}
    </a>
  );
}

/** How an image wants to run. What may be a secret is not kept by the server, and said to be hidden. */
function Configuration({ config }: { config: NonNullable<Image["config"]> }) {
  const { t } = useTranslation();
  const line = (words: readonly string[] | undefined) => (words && words.length > 0 ? <code>{words.map(quoted).join(" ")}</code> : undefined);
  return (
    <>
      <Section title={t("image.config.title")} padded>
        <Facts
          facts={[
            [t("image.config.user"), config.user === "" ? t("image.config.root") : <code key="user">{config.user}</code>],
            [t("image.config.entrypoint"), line(config.entrypoint)],
            [t("image.config.command"), line(config.command)],
            [t("image.config.workingDir"), config.workingDir && <code key="dir">{config.workingDir}</code>],
            [t("image.config.ports"), config.ports && config.ports.length > 0 ? config.ports.join(", ") : undefined],
          ]}
        />
      </Section>
      {config.env && config.env.length > 0 && (
        <Section title={t("image.config.env")} padded>
          <Facts facts={config.env.map(({ name, value, hidden }) => [name, hidden ? <span key={name} className="muted">{t("image.config.hidden")}</span> : <code key={name}>{value === "" ? '""' : value}</code>])} />
        </Section>
      )}
      {config.labels && Object.keys(config.labels).length > 0 && (
        <Section title={t("image.config.labels")} padded>
          <Facts facts={Object.entries(config.labels).sort(([a], [b]) => (a < b ? -1 : 1))} />
        </Section>
      )}
    </>
  );
}

/** A word as it would be typed: quoted where a space would split it. */
function quoted(word: string): string {
  return /^[^\s"'\\]+$/.test(word) ? word : JSON.stringify(word);
}

type Problem = NonNullable<Image["problems"]>[number];

function Problems({ image, problems }: { image: Image; problems: Problem[] }) {
  const { t } = useTranslation();
  const columns: Column<Problem>[] = [
    { id: "path", header: t("image.problem.where"), width: "34%", wrap: true, cell: (p) => <span className="mono">{p.path ?? "—"}</span> },
    { id: "layer", header: t("layer.number"), width: "4rem", cell: (p) => numberOf(image.layers, p.layer) ?? <span className="muted">—</span> },
    { id: "reason", header: t("integration.reason"), wrap: true, cell: (p) => p.reason },
  ];
  const more = image.problemCount - problems.length;
  return (
    <Section title={t("image.problem.title")}>
      <Table
        label={t("image.problem.title")}
        columns={columns}
        rows={problems}
        keyOf={(p) => `${p.layer ?? ""} ${p.path ?? ""} ${p.reason}`}
        empty={null}
        foot={more > 0 ? t("workload.more", { count: more }) : undefined}
      />
    </Section>
  );
}
