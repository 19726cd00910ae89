import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Command } from "@/components/state";
import { Notice } from "@/components/status";
import classes from "./settings.module.css";

interface ConfirmProps {
  title: string;
  /** What happens, before it does. */
  children: ReactNode;
  submit: string;
  pending: boolean;
  error: Error | null;
  onSubmit: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, children, submit, pending, error, onSubmit, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={classes.form}>
        <p>{children}</p>
        {error && <Notice tone="bad">{error.message}</Notice>}
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button color="red" size="xs" loading={pending} onClick={onSubmit}>
            {submit}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** A secret that is shown once. */
export function Once({ text, children, onClose }: { text: string; children: ReactNode; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.form}>
      <p>{children}</p>
      <Command>{text}</Command>
      <div className={classes.actions}>
        <Button size="xs" onClick={onClose}>
          {t("action.done")}
        </Button>
      </div>
    </div>
  );
}
