import { IconCertificate, IconDownload, IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { AnalyseButton } from "@/components/analyse";
import { List } from "@/components/list";
import { shortDigest } from "@/components/name-parts";
import { Command, State } from "@/components/state";
import { Notice } from "@/components/status";
import type { Column } from "@/components/table";
import { attestationAddress, attestationsQuery, type Attestation, type Image } from "@/data/images";
import { whole } from "@/data/pages";
import { useFormat } from "@/i18n/format";
import classes from "./image.module.css";

/** A row; attestations that could not be read have no name of their own. */
type Row = Attestation & { n: number };

/** What was attested of an image: what it is, who built it from what, and what could not be read. */
export function ImageAttestations({ digest, image }: { digest: string; image: Image | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const list = useQuery(attestationsQuery(digest));
  const rows = list.data?.items.map((a, n): Row => ({ ...a, n }));
  const read = list.data?.read;

  const columns: Column<Row>[] = [
    { id: "kind", header: t("attestation.kind.title"), width: "7rem", cell: (a) => (a.digest === undefined ? <span className="muted">—</span> : t(`attestation.kind.${a.kind}`)) },
    {
      id: "type",
      header: t("attestation.predicateType"),
      wrap: true,
      cell: (a) => (a.predicateType === undefined ? <span className="muted">—</span> : <span className={classes.words}>{a.predicateType}</span>),
    },
    { id: "built", header: t("attestation.builtBy"), wrap: true, width: "clamp(10rem, 34cqi, 34rem)", priority: 2, cell: (a) => <Built provenance={a.provenance} /> },
    { id: "source", header: t("attestation.source.title"), width: "10rem", priority: 3, cell: (a) => t(`attestation.source.${a.source}`) },
    { id: "size", header: t("image.size"), width: "5.5rem", end: true, priority: 2, cell: (a) => (a.digest === undefined ? null : format.bytes(a.size)) },
    {
      id: "download",
      header: t("attestation.download"),
      width: "7rem",
      cell: (a) =>
        a.digest !== undefined &&
        a.predicateType !== undefined &&
        a.problem === undefined && (
          <a
            href={attestationAddress(digest, a.digest)}
            className={classes.download}
            aria-label={t("attestation.downloadOf", { kind: t(`attestation.kind.${a.kind}`), digest: shortDigest(a.digest) })}
            download
          >
            <IconDownload size={14} aria-hidden /> {t("attestation.download")}
          </a>
        ),
    },
  ];
  return (
    <>
      {rows !== undefined && rows.length > 0 && (
        <p className="muted">
          {t("attestation.unverified")}
          {read !== undefined && (
            <>
              {" "}
              {t("attestation.looked")} <Ago at={read} />
            </>
          )}
        </p>
      )}
      <List
        label={t("image.tab.attestations")}
        columns={columns}
        list={whole(list, rows)}
        rows={rows}
        keyOf={(a) => String(a.n)}
        skeleton={3}
        detail={(a) => (a.problem === undefined ? null : <Notice tone="warn">{a.problem}</Notice>)}
        empty={read === undefined ? <Never image={image} /> : <None image={image} />}
      />
    </>
  );
}

function Built({ provenance }: { provenance: Attestation["provenance"] }) {
  if (!provenance) {
    return <span className="muted" data-none>—</span>;
  }
  const { builder, repository, revision } = provenance;
  return (
    <span className={classes.words}>
      {builder}
      {(repository !== undefined || revision !== undefined) && (
        <span className="muted">
          {builder !== undefined && <br />}
          {repository} {revision !== undefined && <code title={revision}>{revision.slice(0, 12)}</code>}
        </span>
      )}
    </span>
  );
}

function None({ image }: { image: Image | undefined }) {
  const { t } = useTranslation();
  return (
    <State icon={<IconCertificate size={28} stroke={1.5} aria-hidden />} title={t("attestation.none.title")}>
      <p>{t("attestation.none.text")}</p>
      <Command>{`docker buildx build --attest type=sbom --attest type=provenance,mode=max --push -t ${image?.name ?? "NAME"} .`}</Command>
    </State>
  );
}

function Never({ image }: { image: Image | undefined }) {
  const { t } = useTranslation();
  return (
    <State
      icon={<IconHistory size={28} stroke={1.5} aria-hidden />}
      title={t("attestation.never.title")}
      actions={image && <AnalyseButton reference={image.name} label={t("analyse.again")} />}
    >
      {t("attestation.never.text")}
    </State>
  );
}
