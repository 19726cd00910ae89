import { Button, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { analysisQuery, isOver, useAnalyse } from "@/data/analyses";
import { kindOf } from "@/data/problem";
import { useMay } from "@/data/session";
import classes from "./analyse.module.css";
import { Dialog } from "./dialog";
import { Notice } from "./status";

interface AnalyseProps {
  /** Known of a failed image; people write it for others. */
  reference?: string;
  label?: string;
  variant?: "default" | "filled" | "subtle";
  size?: "xs" | "compact-xs";
}

/** Has an image analysed from its registry and follows it to its end. */
export function AnalyseButton({ reference, label, variant = "default", size = "xs" }: AnalyseProps) {
  const { t } = useTranslation();
  const may = useMay("upload");
  const [open, setOpen] = useState(false);
  if (!may) {
    return null;
  }
  return (
    <>
      <Button
        variant={variant}
        size={size}
        onClick={() => {
          setOpen(true);
        }}
      >
        {label ?? t("analyse.button")}
      </Button>
      {open && (
        <AnalyseDialog
          reference={reference ?? ""}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function AnalyseDialog({ reference, onClose }: { reference: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const analyse = useAnalyse();
  const [typed, setTyped] = useState(reference);
  const id = analyse.data?.id;
  const { data: analysis, error: lost } = useQuery({ ...analysisQuery(id ?? ""), enabled: id !== undefined });
  const over = isOver(analysis);
  const busy = analyse.isPending || (id !== undefined && !over && !lost);

  useEffect(() => {
    if (over) {
      // An image that was not known may now be part of every page.
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "analyses" });
    }
  }, [over, client]);

  const error = analyse.error ?? lost;
  return (
    <Dialog onClose={onClose} title={t("analyse.title")}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          analyse.mutate({ reference: typed.trim() });
        }}
      >
        <TextInput
          label={t("analyse.reference")}
          description={t("analyse.about")}
          placeholder={t("analyse.example")}
          required
          withAsterisk={false}
          data-autofocus
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <div role="status">
          {busy && <Notice tone="info">{t(`analyse.state.${analysis?.state ?? "queued"}`)}</Notice>}
          {analysis?.state === "done" && (
            <Notice tone="info">
              {t("analyse.state.done")}{" "}
              {analysis.digest && (
                <Link to="/images/$digest" params={{ digest: analysis.digest }} onClick={onClose}>
                  {t("analyse.open")}
                </Link>
              )}
            </Notice>
          )}
          {analysis?.state === "failed" && (
            <Notice tone="bad">
              <p>{t("analyse.state.failed")}</p>
              <p>{analysis.reason}</p>
            </Notice>
          )}
          {error && (
            <Notice tone="bad">
              <p>{t(`error.${kindOf(error)}.title`)}</p>
              <p>{error.message}</p>
            </Notice>
          )}
        </div>
        <div className={classes.actions}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.close")}
          </Button>
          <Button type="submit" size="xs" loading={busy} disabled={typed.trim() === ""}>
            {t("analyse.submit")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
