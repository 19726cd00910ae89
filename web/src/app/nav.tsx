import { Tooltip } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { versionQuery } from "@/data/system";
import { useDestinations } from "./navigation";
import classes from "./shell.module.css";

export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#155e75" />
      <path d="M16 5v22M8 12h16l-2 6H10z" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

/** What is looked at day by day comes first, and what is set up now and then below a line. */
function isSetting(to: string | undefined): boolean {
  return to?.startsWith("/settings/") ?? false;
}

interface NavigationProps {
  collapsed?: boolean;
  onToggle?: () => void;
  onNavigate?: () => void;
}

/** Where one can go: apart from the page, so that it is not made anew with each. */
export const Navigation = memo(function Navigation({ collapsed = false, onToggle, onNavigate }: NavigationProps) {
  const { t } = useTranslation();
  const { data: version } = useQuery(versionQuery);
  const destinations = useDestinations();
  const Toggle = collapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const toggleLabel = t(collapsed ? "nav.expand" : "nav.collapse");
  return (
    <>
      <Link to="/" className={classes.brand} onClick={onNavigate} aria-label={t("app.name")}>
        <Mark />
        <span className={classes.label}>{t("app.name")}</span>
      </Link>
      <nav className={classes.nav} aria-label={t("nav.label")}>
        <ul>
          {destinations.map(({ to, name, icon: Icon }, i) => (
            <li key={to} className={isSetting(to) && !isSetting(destinations[i - 1]?.to) ? classes.settings : undefined}>
              <Hint label={collapsed ? t(`nav.${name}`) : undefined}>
                <Link to={to} className={classes.item} activeOptions={{ exact: to === "/", includeSearch: false }} onClick={onNavigate} aria-label={t(`nav.${name}`)}>
                  <Icon size={18} stroke={1.75} aria-hidden />
                  <span className={classes.label}>{t(`nav.${name}`)}</span>
                </Link>
              </Hint>
            </li>
          ))}
        </ul>
      </nav>
      <div className={classes.bottom}>
        {onToggle && (
          <Hint label={collapsed ? toggleLabel : undefined}>
            <button type="button" className={classes.item} onClick={onToggle} aria-label={toggleLabel}>
              <Toggle size={18} stroke={1.75} aria-hidden />
              <span className={classes.label}>{t("nav.collapse")}</span>
            </button>
          </Hint>
        )}
        <span className={`${classes.fine ?? ""} ${classes.label ?? ""}`}>
          {version?.version} · <Link to="/licences">{t("nav.licences")}</Link>
        </span>
      </div>
    </>
  );
});

/** Names what shows as an icon alone; what names itself goes without the cost of a tooltip. */
function Hint({ label, children }: { label: string | undefined; children: ReactElement }) {
  return label === undefined ? (
    children
  ) : (
    <Tooltip label={label} position="right">
      {children}
    </Tooltip>
  );
}
