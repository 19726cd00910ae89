import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import classes from "@/components/form.module.css";
import { RemovalDialog } from "@/components/removal-dialog";
import { ErrorLine } from "@/components/state";
import { Notice } from "@/components/status";
import { useDeleteEnvironment, type Environment } from "@/data/environments";
import { integrationsQuery } from "@/data/integrations";
import { useFormat } from "@/i18n/format";

/** Asks once more before an environment goes, and says what goes with it; or what has to go before. */
export function DeleteDialog({ environment: e, onClose }: { environment: Environment; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const removal = useDeleteEnvironment();
  const { data: integrations, error, refetch } = useQuery(integrationsQuery);
  const feeding = integrations?.filter((i) => i.environment === e.name);
  const title = t("environment.delete.title", { name: e.name });
  if (feeding?.length === 0) {
    const counted = { count: e.coverage.running, n: format.number(e.coverage.running) };
    return (
      <RemovalDialog title={title} name={e.name} button={t("environment.delete.submit")} failed={t("environment.delete.failed")} leadsTo="/environments" removal={removal} onClose={onClose}>
        <Notice tone={e.coverage.running > 0 ? "warn" : "info"}>{e.coverage.running > 0 ? t("environment.delete.assigned", counted) : t("environment.delete.idle")}</Notice>
        <p>{t("environment.delete.about", { name: e.name })}</p>
      </RemovalDialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={classes.form}>
        {feeding ? (
          <Notice tone="warn">
            <p>{t("environment.delete.fed")}</p>
            <ul>
              {feeding.map((i) => (
                <li key={i.name}>
                  <Link to="/integrations/$name" params={{ name: i.name }}>
                    {i.name}
                  </Link>
                </li>
              ))}
            </ul>
          </Notice>
        ) : error ? (
          <ErrorLine what={t("nav.integrations")} error={error} retry={refetch} />
        ) : (
          <Skeleton height={84} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
