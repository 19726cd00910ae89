import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/dialog";
import { Failure } from "@/components/failure";
import classes from "@/components/form.module.css";
import { longestDescription, longestName, useDescribeEnvironment, type Environment } from "@/data/environments";

/** Gives an environment another name and says what it is. */
export function EditDialog({ environment: e, onClose }: { environment: Environment; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/environments/$name" });
  const [name, setName] = useState(e.name);
  const [description, setDescription] = useState(e.description);
  const save = useDescribeEnvironment(e.name, async (changed) => {
    if (changed.name !== e.name) {
      // Pages that were narrowed to it stay narrowed to it.
      await navigate({ to: "/environments/$name", params: { name: changed.name }, search: (s) => ({ ...s, ...(s.environment === e.name && { environment: changed.name }) }), replace: true });
    }
    onClose();
  });
  const renamed = name.trim() !== e.name;
  const described = description.trim() !== e.description;
  return (
    <Dialog title={t("environment.edit.title", { name: e.name })} onClose={onClose}>
      <form
        className={classes.form}
        autoComplete="off"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ ...(renamed && { name: name.trim() }), ...(described && { description: description.trim() }) });
        }}
      >
        <TextInput
          label={t("environment.edit.name")}
          description={t("environment.edit.nameAbout")}
          spellCheck={false}
          maxLength={longestName}
          data-autofocus
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <TextInput
          label={t("environment.edit.description")}
          maxLength={longestDescription}
          value={description}
          onChange={(event) => {
            setDescription(event.currentTarget.value);
          }}
        />
        <Failure error={save.error} what={t("environment.edit.failed")} />
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={save.isPending} disabled={name.trim() === "" || !(renamed || described)}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
