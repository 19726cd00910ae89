import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Gap } from "@/data/coverage";
import { useEnable } from "@/data/push";
import { useMay } from "@/data/session";
import { AnalyseButton } from "./analyse";

type Remedy = NonNullable<Gap["remedy"]>;

/** What keeps a running image from being analysed, as far as its registry tells. */
export function RemedyText({ remedy }: { remedy: Remedy }) {
  const { t } = useTranslation();
  return (
    <p className="muted">
      {t(`gap.remedy.${remedy.action}`, { host: remedy.host, repository: remedy.repository, registry: remedy.registry ?? "" })}
      {remedy.reason !== undefined && remedy.reason !== "" && <> {remedy.reason}</>}
    </p>
  );
}

/** The one click that mends it, for those who may; for others and for what waits there is none. */
export function RemedyAction({ remedy, reference }: { remedy: Remedy; reference: string }) {
  const { t } = useTranslation();
  const owner = useMay("connect");
  const editor = useMay("write");
  const enable = useEnable();
  const registry = remedy.registry ?? "";
  switch (remedy.action) {
    case "enable-repository":
      return editor ? (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={t("gap.enableOf", { repository: remedy.repository })}
          loading={enable.isPending}
          onClick={() => {
            enable.mutate({ registry, names: [remedy.repository], enable: true });
          }}
        >
          {t("gap.enable")}
        </Button>
      ) : null;
    case "replace-credentials":
    case "resume-registry":
      return owner ? (
        <Button variant="default" size="compact-xs" renderRoot={(props) => <Link to="/integrations/registries/$name" params={{ name: registry }} {...props} />}>
          {t("gap.registry")}
        </Button>
      ) : null;
    case "wait":
      return null;
    default:
      // A registry that is not connected may be a public one: the image can be asked for by itself.
      return <AnalyseButton size="compact-xs" label={t("analyse.button")} reference={reference} />;
  }
}
