import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./dialog.module.css";

interface DialogProps {
  title: string;
  /** For lines that should not be broken. */
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with a title. Mantine's own head is a second banner to who hears the page. */
export function Dialog({ title, wide = false, onClose, children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened size={wide ? "xl" : "md"} onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t("action.close")} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
