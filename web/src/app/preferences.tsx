import { ActionIcon, Menu } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, languages } from "@/i18n";
import { chooseScheme, useScheme } from "@/theme/scheme";

const schemes = [
  { name: "auto", icon: IconDeviceDesktop },
  { name: "light", icon: IconSun },
  { name: "dark", icon: IconMoon },
] as const;

/** Chooses the theme; the browser keeps it. */
export function SchemeMenu() {
  const { t } = useTranslation();
  const { chosen, shown } = useScheme();
  const Sign = shown === "dark" ? IconMoon : IconSun;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("scheme.choose")} title={t("scheme.choose")}>
  <Sign size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(({ name, icon: Icon }) => (
          <Menu.Item
            key={name}
            aria-current={chosen === name}
            leftSection={<Icon size={15} aria-hidden />}
            rightSection={chosen === name ? <IconCheck size={14} aria-hidden /> : null}
            onClick={() => {
              chooseScheme(name);
            }}
          >
            {t(`scheme.${name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Chooses the language; the browser keeps it. */
export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("language.choose")} title={t("language.choose")}>
  <IconLanguage size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map(({ code, name }) => (
          <Menu.Item
            key={code}
            lang={code}
            aria-current={i18n.language === code}
            rightSection={i18n.language === code ? <IconCheck size={14} aria-hidden /> : null}
            onClick={() => {
              void chooseLanguage(code);
            }}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
