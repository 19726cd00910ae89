import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Notice } from "@/components/status";
import { impactQuery, useDelete } from "@/data/integrations";
import { ImpactNotice } from "./impact";
import classes from "./integration.module.css";

/** Asks once more before an integration goes, and says what goes with it. */
export function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const impact = useQuery(impactQuery(name));
  const remove = useDelete(name);
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={t("integration.delete.title", { name })} onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) {
            remove.mutate(undefined, {
              onSuccess: () => {
                void navigate({ to: "/integrations" });
              },
            });
          }
        }}
      >
        <ImpactNotice query={impact} integration={name} />
        <p>{t("integration.delete.about")}</p>
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
        {remove.error && (
          <div role="alert">
            <Notice tone="bad">
              <p>{t("integration.delete.failed")}</p>
              <p>{remove.error.message}</p>
            </Notice>
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" color="red" loading={remove.isPending} disabled={typed !== name}>
            {t("integration.delete.submit")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
