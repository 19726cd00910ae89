import { Button } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMapOff, IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { kindOf, Problem } from "@/data/problem";
import { CopyButton } from "./copy";
import classes from "./state.module.css";
import { Notice } from "./status";

interface StateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** What stands where rows would: why there are none, and the next step. */
export function State({ icon, title, children, actions }: StateProps) {
  return (
    <div className={classes.state}>
      {icon}
      <p className={classes.title}>{title}</p>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

/** A line for the terminal that can be copied. */
export function Command({ children }: { children: string }) {
  return (
    <span className={classes.command}>
      <span>{children}</span>
      <CopyButton text={children} />
    </span>
  );
}

const icons = {
  unreachable: IconPlugConnectedX,
  "signed-out": IconLock,
  forbidden: IconLock,
  missing: IconMapOff,
  refused: IconAlertTriangle,
  broken: IconAlertTriangle,
};

interface ErrorProps {
  error: unknown;
  retry?: (() => unknown) | undefined;
}

/** An error where there is no room for more than a line: what could not be told, and a way to try again. */
export function ErrorLine({ what, error, retry }: { what: string } & ErrorProps) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Notice
        tone="bad"
        action={
          retry && (
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => {
                void retry();
              }}
            >
              {t("error.retry")}
            </Button>
          )
        }
      >
        <p>{t("error.notLoaded", { what })}</p>
        <p>{t(`error.${kindOf(error)}.text`)}</p>
      </Notice>
    </div>
  );
}

/** An error: what it means, what the server said, and a way to try again where that may help. */
export function ErrorState({ error, retry }: ErrorProps) {
  const { t } = useTranslation();
  const kind = kindOf(error);
  const Icon = icons[kind];
  const detail = error instanceof Problem && error.status !== 0 ? [error.message, ...error.parts].filter((p) => p !== "") : [];
  const canRetry = retry !== undefined && kind !== "forbidden" && kind !== "missing";
  return (
    <div role="alert">
      <State
        icon={<Icon size={28} stroke={1.5} aria-hidden />}
        title={t(`error.${kind}.title`)}
        actions={
          canRetry ? (
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                void retry();
              }}
            >
              {t("error.retry")}
            </Button>
          ) : undefined
        }
      >
        <p>{t(`error.${kind}.text`)}</p>
        {detail.length > 0 && (
          <div className={classes.detail}>
            {detail.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        )}
      </State>
    </div>
  );
}
