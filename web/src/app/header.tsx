import { ActionIcon, Menu, Select } from "@mantine/core";
import {
  IconCheck,
  IconKeyboard,
  IconLogout,
  IconMenu2,
  IconSearch,
  IconUser,
  IconUserCog,
} from "@tabler/icons-react";
import { Link, useRouter } from "@tanstack/react-router";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { latestIndexed } from "@/data/environments";
import { useSession, useSignOut, useSwitchOrganisation } from "@/data/session";
import { useEnvironmentChoice } from "./environment";
import { LanguageMenu, SchemeMenu } from "./preferences";
import classes from "./shell.module.css";
import { commandKey } from "./shortcuts";

interface HeaderProps {
  onMenu: () => void;
  onSearch: () => void;
  onHelp: () => void;
}

/** What stands above every page, and is not made anew with each. */
export const Header = memo(function Header({ onMenu, onSearch, onHelp }: HeaderProps) {
  const { t } = useTranslation();
  return (
    <header className={classes.header}>
      <ActionIcon className={classes.burger ?? ""} variant="subtle" color="gray" aria-label={t("nav.open")} onClick={onMenu}>
        <IconMenu2 size={18} aria-hidden />
      </ActionIcon>
      <EnvironmentSelect />
      <span className={classes.grow} />
      <button type="button" className={classes.find} onClick={onSearch} aria-label={t("palette.open")} aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={15} aria-hidden />
        <span className={classes.findText}>{t("palette.open")}</span>
        <kbd>{`${commandKey} K`}</kbd>
      </button>
      <SchemeMenu />
      <LanguageMenu />
      <UserMenu onHelp={onHelp} />
    </header>
  );
});

function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const signOut = useSignOut();
  const organisation = useSwitchOrganisation();
  const router = useRouter();
  const organisations = session?.organisations ?? [];
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("user.menu")}>
          <IconUser size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {session?.person && (
          <Menu.Label>
            {session.person.email}
            {session.role !== undefined && ` · ${t(`role.${session.role}`)}`}
          </Menu.Label>
        )}
        {organisations.length > 1 &&
          organisations.map((o) => (
            <Menu.Item
              key={o.id}
              aria-current={o.id === session?.organisation.id}
              rightSection={o.id === session?.organisation.id ? <IconCheck size={14} aria-hidden /> : null}
              onClick={() => {
                organisation.mutate(o.id, { onSuccess: () => void router.navigate({ to: "/" }) });
              }}
            >
              {o.name}
            </Menu.Item>
          ))}
        {session?.person && (
          <Menu.Item leftSection={<IconUserCog size={15} aria-hidden />} renderRoot={(props) => <Link to="/account" {...props} />}>
            {t("account.title")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconKeyboard size={15} aria-hidden />} onClick={onHelp}>
          {t("shortcuts.title")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={15} aria-hidden />}
          onClick={() => {
            signOut.mutate();
          }}
        >
          {t("user.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function EnvironmentSelect() {
  const { t } = useTranslation();
  const { value, names, choose } = useEnvironmentChoice();
  return (
    <Select
      className={classes.environment ?? ""}
      size="xs"
      aria-label={t("environment.choose")}
      data={[{ value: "", label: t("environment.all") }, ...names.map((name) => ({ value: name, label: name })), { value: latestIndexed, label: t("environment.latest.choose", { name: latestIndexed }) }]}
      value={value ?? ""}
      allowDeselect={false}
      searchable={names.length > 8}
      nothingFoundMessage={t("palette.nothing")}
      onChange={(chosen) => {
        choose(chosen === null || chosen === "" ? undefined : chosen);
      }}
    />
  );
}
