import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Notice } from "@/components/status";
import { backfillQuery, useBackfill, type RepositoryScope } from "@/data/push";
import { useFormat } from "@/i18n/format";
import classes from "./repositories.module.css";

/** Says how many images filling up would analyse, before it does. */
export function BackfillDialog({ scope, onClose }: { scope: RepositoryScope; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = useQuery(backfillQuery(scope));
  const fill = useBackfill();
  const problem = fill.error ?? error;
  return (
    <Dialog title={t("repositories.backfill.of", { name: scope.registry })} onClose={onClose}>
      <div className={classes.form}>
        <p>{t("repositories.backfill.about")}</p>
        <div role="status">
          {data && (
            <p>
              <strong>
                {data.images === 0 ? t("repositories.backfill.none") : t("repositories.backfill.count", { count: data.images, n: format.number(data.images), repositories: format.number(data.repositories) })}
              </strong>
            </p>
          )}
          {data !== undefined && data.unread > 0 && <p className="muted">{t("repositories.backfill.unread", { count: data.unread, n: format.number(data.unread) })}</p>}
        </div>
        {problem && <Notice tone="bad">{problem.message}</Notice>}
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button
            size="xs"
            loading={fill.isPending}
            disabled={(data?.images ?? 0) === 0}
            onClick={() => {
              fill.mutate(scope, { onSuccess: onClose });
            }}
          >
            {t("repositories.backfill.start")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
