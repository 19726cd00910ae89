import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./dialog";
import { Failure } from "./failure";
import classes from "./form.module.css";

interface RemovalProps {
  title: string;
  /** What goes, and has to be typed. */
  name: string;
  button: string;
  /** Heads the reason of a failure. */
  failed?: string;
  /** The page to go on to when it is gone. */
  leadsTo?: "/integrations" | "/policies" | "/environments";
  removal: { mutate: (name: string, then: { onSuccess: () => void }) => void; error: unknown; isPending: boolean };
  onClose: () => void;
  /** What goes with it, and what stays. */
  children: ReactNode;
}

/** Asks once more before something goes that does not come back; by its name, so that no slip of the hand does it. */
export function RemovalDialog({ title, name, button, failed, leadsTo = "/integrations", removal, onClose, children }: RemovalProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) {
            removal.mutate(name, {
              onSuccess: () => {
                // Nothing is narrowed any more to what is gone.
                void navigate({ to: leadsTo, search: (s) => ({ environment: s.environment === name && leadsTo === "/environments" ? undefined : s.environment }) });
              },
            });
          }
        }}
      >
        {children}
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
        <Failure error={removal.error} {...(failed !== undefined && { what: failed })} />
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" color="red" loading={removal.isPending} disabled={typed !== name}>
            {button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
