import { Kbd } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import classes from "./dialog.module.css";
import { useDestinations } from "./navigation";
import { commandKey } from "./shortcuts";

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const destinations = useDestinations();
  const rows: [string, string[]][] = [
    [t("palette.open"), [commandKey, "K"]],
    [t("shortcuts.filter"), ["/"]],
    [t("shortcuts.next"), ["j"]],
    [t("shortcuts.previous"), ["k"]],
    [t("shortcuts.navigation"), ["["]],
    [t("shortcuts.title"), ["?"]],
    ...destinations.map((d): [string, string[]] => [t("shortcuts.goTo", { page: t(`nav.${d.name}`) }), ["g", d.key]]),
  ];
  return (
    <Dialog onClose={onClose} title={t("shortcuts.title")}>
      <dl className={classes.keys}>
        {rows.map(([what, keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((k) => (
                <Kbd key={k}>{k}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
