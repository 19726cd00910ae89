import { Button, Skeleton, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Notice } from "@/components/status";
import { registryImpactQuery, useDisconnect } from "@/data/push";
import { useFormat } from "@/i18n/format";
import { Failure } from "./dialogs";
import classes from "./registry.module.css";

/** Asks once more before a registry is forgotten, and says what goes with it and what stays. */
export function DisconnectDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const disconnect = useDisconnect();
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={t("repositories.disconnect.of", { name })} onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) {
            disconnect.mutate(name, {
              onSuccess: () => {
                void navigate({ to: "/integrations" });
              },
            });
          }
        }}
      >
        <Impact name={name} />
        <p>{t("repositories.disconnect.about")}</p>
        <TextInput
          label={t("integration.delete.confirm", { name })}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <Failure error={disconnect.error} />
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" className={classes.danger ?? ""} loading={disconnect.isPending} disabled={typed !== name}>
            {t("repositories.disconnect.button")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Impact({ name }: { name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = useQuery(registryImpactQuery(name));
  if (error && !data) {
    return (
      <Notice tone="bad">
        <p>{t("integration.impact.unknown")}</p>
        <p>{error.message}</p>
      </Notice>
    );
  }
  if (!data) {
    return <Skeleton height={84} />;
  }
  const counted = (n: number) => ({ count: n, n: format.number(n) });
  return (
    <Notice tone={data.enabled + data.waiting > 0 ? "warn" : "info"}>
      <p>{t("registry.impact.repositories", { ...counted(data.repositories), enabled: format.number(data.enabled) })}</p>
      <p>{data.waiting > 0 ? t("registry.impact.waiting", counted(data.waiting)) : t("registry.impact.nothingWaits")}</p>
      <p>{t("registry.impact.images", counted(data.images))}</p>
    </Notice>
  );
}
