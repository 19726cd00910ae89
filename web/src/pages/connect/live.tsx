import { Button, Loader } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { CoverageNumber } from "@/components/coverage";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { pollEvery } from "@/data/events";
import { forgetWhatRuns, integrationQuery } from "@/data/integrations";
import { useFormat } from "@/i18n/format";
import classes from "./connect.module.css";

/** What became of the integration: its first sweep as it goes. */
export function Live({ name, onAnother }: { name: string; onAnother: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { data: i, error, refetch } = useQuery({ ...integrationQuery(name), refetchInterval: () => pollEvery(1_000) });
  const end = i?.lastEnd;
  useEffect(() => {
    if (end !== undefined) {
      forgetWhatRuns(client);
    }
  }, [end, client]);
  if (error && !i) {
    return <ErrorState error={error} retry={refetch} />;
  }
  const analysed = i?.coverage.analysed ?? 0;
  return (
    <div className={classes.step}>
      <div role="status">
        {i?.state === "paused" ? (
          <p>{t("connect.live.paused")}</p>
        ) : i === undefined || i.state === "pending" ? (
          <p className={classes.live}>
            <Loader size={18} aria-hidden />
            <span>{t("connect.live.running", { name })}</span>
          </p>
        ) : i.state === "connected" ? (
          <p className={classes.live}>
            <IconCircleCheck size={20} className={classes.good} aria-hidden />
            <span>
              {t("connect.live.done", { cluster: i.cluster })} {t("connect.live.run", { count: i.coverage.running, n: format.number(i.coverage.running) })}{" "}
              {t("connect.live.analysed", { count: analysed, n: format.number(analysed) })}
            </span>
          </p>
        ) : (
          <Notice tone="bad">
            <p>{t("connect.live.failed")}</p>
            <p>{i.reason}</p>
          </Notice>
        )}
      </div>
      {i?.state === "connected" && i.coverage.running > 0 && <CoverageNumber coverage={i.coverage} />}
      {i?.state === "connected" && <p className="muted">{t(i.coverage.running === 0 ? "connect.live.empty" : "connect.live.next")}</p>}
      <div className={classes.buttons}>
        <Button variant="default" size="sm" onClick={onAnother}>
          {t("connect.another")}
        </Button>
        <span className={classes.grow} />
        <Button variant="default" size="sm" renderRoot={(props) => <Link to="/integrations/$name" params={{ name }} {...props} />}>
          {t("connect.live.integration")}
        </Button>
        {i && (
          <Button size="sm" renderRoot={(props) => <Link to="/environments/$name" params={{ name: i.environment }} {...props} />}>
            {t("overview.open", { name: i.environment })}
          </Button>
        )}
      </div>
    </div>
  );
}
