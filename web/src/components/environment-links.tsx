import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

/** Names of environments, each a way there. */
export function LinksTo({ names }: { names: readonly string[] }) {
  return names.map((name, i) => (
    <Fragment key={name}>
      {i > 0 && ", "}
      <Link to="/environments/$name" params={{ name }}>
        {name}
      </Link>
    </Fragment>
  ));
}

/** In which environments something runs, each a way there. */
export function EnvironmentLinks({ names }: { names: readonly string[] }) {
  const { t } = useTranslation();
  if (names.length === 0) {
    return <span className="muted">{t("image.runsNowhere")}</span>;
  }
  return (
    <span>
      {t("image.runsIn")} <LinksTo names={names} />
    </span>
  );
}
