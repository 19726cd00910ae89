import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { CopyButton } from "@/components/copy";
import { shortDigest } from "@/components/name-parts";
import { Facts, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { packagesQuery, type Image } from "@/data/images";
import { useFormat } from "@/i18n/format";
import { saveJson } from "./save";

function Whole({ digest }: { digest: string }) {
  return (
    <>
      <span className="mono">{digest}</span> <CopyButton text={digest} />
    </>
  );
}

/** The facts of an image, and its list of packages as a file. */
export function ImageDetails({ digest, image }: { digest: string; image: Image | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  if (!image) {
    return null;
  }
  const download = async () => {
    setError(undefined);
    try {
      saveJson(`${shortDigest(image.digest)}.packages.json`, await client.query(packagesQuery(digest)));
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Section
      title={t("image.tab.details")}
      padded
      aside={
        <Button variant="default" size="compact-sm" leftSection={<IconDownload size={14} aria-hidden />} onClick={() => void download()}>
          {t("image.download")}
        </Button>
      }
    >
      {error !== undefined && <ErrorState error={error} retry={download} />}
      <Facts
        facts={[
          [t("image.name"), image.name],
          [t("image.digest"), <Whole key="digest" digest={image.digest} />],
          [t("image.imageId"), <Whole key="id" digest={image.imageId} />],
          [t("image.platform"), image.platform],
          [t("image.distribution"), image.distribution],
          [t("image.size"), t("image.compressed", { size: format.bytes(image.size) })],
          [t("image.packages"), image.state === "analysed" ? format.number(image.packages) : ""],
          [t("image.recorded"), <Ago key="recorded" at={image.recorded} />],
        ]}
      />
    </Section>
  );
}
