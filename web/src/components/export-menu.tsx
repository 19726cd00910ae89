import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { exportFormats, type ExportAddress } from "@/data/export";

interface ExportMenuProps {
  address: ExportAddress;
  /** Whether the page hides rows by filters the server does not know, which the file will have. */
  wider?: boolean;
}

/** Downloads a list whole, as far as the server filters it. */
export function ExportMenu({ address, wider = false }: ExportMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" width={wider ? 260 : 190}>
      <Menu.Target>
        <Button className="no-print" variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>
          {t("export.open")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {wider && <Menu.Label>{t("export.wider")}</Menu.Label>}
        {exportFormats.map((format) => (
          <Menu.Item key={format} component="a" href={address(format)} download>
            {t(`export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
