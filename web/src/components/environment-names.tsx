import { useFormat, useText } from "@/i18n/format";
import { LinksTo } from "./environment-links";

/** Names that a column is made for; the number stands for those after them. */
const most = 2;

/** How wide a column with names of environments is. */
export const environmentsWidth = "clamp(10.5rem, 15cqi, 18rem)";

interface EnvironmentNamesProps {
  names: readonly string[];
  /** Whether each name leads to the page of its environment. */
  linked?: boolean;
}

/** In which environments something runs; all of them show on hover. */
export function EnvironmentNames({ names, linked = false }: EnvironmentNamesProps) {
  const t = useText();
  const format = useFormat();
  if (names.length === 0) {
    return <span className="muted">{t("image.runsNowhere")}</span>;
  }
  return (
    <span title={names.join("\n")}>
      {linked ? <LinksTo names={names.slice(0, most)} /> : format.list(names.slice(0, most))}
      {names.length > most && <span className="muted"> +{format.number(names.length - most)}</span>}
    </span>
  );
}
