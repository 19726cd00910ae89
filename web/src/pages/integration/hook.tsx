import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Code } from "@/components/code";
import { Dialog } from "@/components/dialog";
import { Failure } from "@/components/failure";
import { Section } from "@/components/page";
import { Command } from "@/components/state";
import { hookAddress, useCreateHook, useDeleteHook, type Hook, type Integration } from "@/data/integrations";
import classes from "@/components/form.module.css";

/** The webhook of an integration: whether there is one, and how another program calls it. */
export function HookSection({ integration: i, may }: { integration: Integration; may: boolean }) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState<"create" | "replace" | "remove">();
  const close = () => {
    setAsks(undefined);
  };
  return (
    <Section title={t("integration.hook.title")} padded>
      <div className={classes.form}>
        <p className="muted">{t("integration.hook.about")}</p>
        <p>{t(i.hook ? "integration.hook.on" : "integration.hook.off")}</p>
        {i.hook && <Command>{hookAddress(i.name)}</Command>}
        {may && (
          <div className={classes.left}>
            {i.hook ? (
              <>
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    setAsks("replace");
                  }}
                >
                  {t("integration.hook.replace")}
                </Button>
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    setAsks("remove");
                  }}
                >
                  {t("integration.hook.remove")}
                </Button>
              </>
            ) : (
              <Button
                variant="default"
                size="xs"
                onClick={() => {
                  setAsks("create");
                }}
              >
                {t("integration.hook.create")}
              </Button>
            )}
          </div>
        )}
      </div>
      {(asks === "create" || asks === "replace") && <CreateHook name={i.name} replaces={asks === "replace"} onClose={close} />}
      {asks === "remove" && <RemoveHook name={i.name} onClose={close} />}
    </Section>
  );
}

function CreateHook({ name, replaces, onClose }: { name: string; replaces: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { task, run } = useCreateHook(name);
  const [hook, setHook] = useState<Hook>();
  const verb = replaces ? "replace" : "create";
  if (hook) {
    const header = `Authorization: Bearer ${hook.secret}`;
    return (
      <Dialog wide title={t("integration.hook.made", { name })} onClose={onClose}>
        <div className={classes.form}>
          <p>{t("integration.hook.once")}</p>
          <Command>{hook.secret}</Command>
          <p>{t("integration.hook.forwarder")}</p>
          <Code label={t("integration.hook.forwarder")}>{`Endpoint: ${hook.url}\nCustom header: ${header}`}</Code>
          <p>{t("integration.hook.shell")}</p>
          <Code label={t("integration.hook.shell")}>{`curl -X POST -H "${header}" ${hook.url}`}</Code>
          <div className={classes.buttons}>
            <Button size="xs" onClick={onClose}>
              {t("action.done")}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t(`integration.hook.${verb}`)} onClose={onClose}>
      <div className={classes.form}>
        <p>{t(`integration.hook.${verb}About`)}</p>
        <Failure error={task.error} what={t("integration.edit.failed")} />
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button size="xs" data-autofocus loading={task.isPending} onClick={() => void run(setHook)}>
            {t(`integration.hook.${verb}`)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function RemoveHook({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useDeleteHook(name);
  return (
    <Dialog title={t("integration.hook.remove")} onClose={onClose}>
      <div className={classes.form}>
        <p>{t("integration.hook.removeAbout")}</p>
        <Failure error={remove.error} what={t("integration.edit.failed")} />
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button
            size="xs"
            color="red"
            loading={remove.isPending}
            onClick={() => {
              remove.mutate(undefined, { onSuccess: onClose });
            }}
          >
            {t("integration.hook.remove")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
