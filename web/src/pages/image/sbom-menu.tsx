import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { shortDigest } from "@/components/name-parts";
import { packagesAddress, sbomAddress, sbomFormats } from "@/data/images";

/** Downloads what is in an image: in the formats of the standards, or with all that is known. */
export function SbomMenu({ digest }: { digest: string }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <Button className="no-print" variant="default" size="compact-sm" leftSection={<IconDownload size={14} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>
          {t("image.sbom.open")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {sbomFormats.map((format) => (
          <Menu.Item key={format} component="a" href={sbomAddress(digest, format)} download>
            {t(`image.sbom.${format}`)}
          </Menu.Item>
        ))}
        <Menu.Item component="a" href={packagesAddress(digest)} download={`${shortDigest(digest)}.packages.json`}>
          {t("image.sbom.json")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
