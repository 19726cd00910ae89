import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { Notice } from "@/components/status";
import { accountSessionsQuery, changePassword, shortestPassword, type Account } from "@/data/account";
import { Problem } from "@/data/problem";
import { useTask } from "@/data/task";
import classes from "./account.module.css";

export function Password({ person }: { person: Account }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const task = useTask<Account>();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [done, setDone] = useState(false);
  const show = { "aria-label": t("signIn.show") };
  return (
    <Section title={t("signIn.password")} padded>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          setDone(false);
          void task.run(
            () => changePassword(current, fresh),
            () => {
              setCurrent("");
              setFresh("");
              setDone(true);
              void client.invalidateQueries({ queryKey: accountSessionsQuery.queryKey });
            },
          );
        }}
      >
        {/* So that a password manager knows whose password this is. */}
        <input type="hidden" autoComplete="username" value={person.email} readOnly />
        {person.hasPassword && (
          <PasswordInput
            label={t("account.currentPassword")}
            autoComplete="current-password"
            required
            withAsterisk={false}
            maxLength={256}
            value={current}
            visibilityToggleButtonProps={show}
            onChange={(event) => {
              setCurrent(event.currentTarget.value);
            }}
          />
        )}
        <PasswordInput
          label={t("link.newPassword")}
          description={t("link.rule", { count: shortestPassword })}
          autoComplete="new-password"
          required
          withAsterisk={false}
          maxLength={256}
          value={fresh}
          visibilityToggleButtonProps={show}
          onChange={(event) => {
            setFresh(event.currentTarget.value);
          }}
        />
        <div role="status">{done && <Notice tone="info">{t("account.passwordChanged")}</Notice>}</div>
        {task.error !== undefined && (
          <div role="alert">
            <Notice tone="bad">
              <p>{t("account.passwordKept")}</p>
              <p>{reasonOf(task.error)}</p>
            </Notice>
          </div>
        )}
        <div className={classes.actions}>
          <Button type="submit" size="xs" loading={task.isPending} disabled={fresh.length < shortestPassword || (person.hasPassword && current === "")}>
            {t("account.changePassword")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Problem ? [error.message, ...error.parts].filter((p) => p !== "").join(" ") : "";
}
