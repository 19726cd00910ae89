import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { exportFormats, type ExportAddress } from "@/data/export";

/** Downloads a list whole, with the filters of its page. */
export function ExportMenu({ address }: { address: ExportAddress }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <Button className="no-print" variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>
          {t("export.open")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {exportFormats.map((format) => (
          <Menu.Item key={format} component="a" href={address(format)} download>
            {t(`export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
