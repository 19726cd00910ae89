import { Button, Menu } from "@mantine/core";
import { IconArrowsDiff, IconChevronDown } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEnvironmentNames } from "@/data/coverage";

/** Compares an image with what runs, with the newest of its repository, or with one to be chosen. */
export function CompareMenu({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const environments = useEnvironmentNames();
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconArrowsDiff size={14} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>
          {t("compare.open")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {environments.map((name) => (
          <Menu.Item key={name} renderRoot={(props) => <Link to="/compare" search={{ image: digest, toEnvironment: name }} {...props} />}>
            {t("compare.toEnvironment", { name })}
          </Menu.Item>
        ))}
        <Menu.Item renderRoot={(props) => <Link to="/compare" search={{ image: digest, toLatest: true }} {...props} />}>{t("compare.toLatest")}</Menu.Item>
        <Menu.Divider />
        <Menu.Item renderRoot={(props) => <Link to="/compare" search={{ image: digest }} {...props} />}>{t("compare.toAnother")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
