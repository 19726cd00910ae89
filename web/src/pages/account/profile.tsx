import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { Notice } from "@/components/status";
import { useChangeAccount, type Account } from "@/data/account";
import { followLanguage, languages } from "@/i18n";
import classes from "./account.module.css";

export function Profile({ person }: { person: Account }) {
  const { t } = useTranslation();
  const change = useChangeAccount();
  const [name, setName] = useState(person.name);
  const [language, setLanguage] = useState(person.language);
  const known = languages.some((l) => l.code === language) || language === "";
  const changed = name.trim() !== person.name || language !== person.language;
  return (
    <Section title={t("account.profile")} padded>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            { name: name.trim(), language },
            {
              onSuccess: () => {
                void followLanguage(language);
              },
            },
          );
        }}
      >
        <TextInput
          label={t("link.name")}
          description={t("account.nameAbout")}
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={128}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <NativeSelect
          label={t("language.choose")}
          description={t("account.languageAbout")}
          value={language}
          data={[
            { value: "", label: t("account.browserLanguage") },
            // One that a newer dashboard wrote stays as it is.
            ...(known ? [] : [{ value: language, label: language }]),
            ...languages.map(({ code, name: label }) => ({ value: code, label })),
          ]}
          onChange={(event) => {
            setLanguage(event.currentTarget.value);
          }}
        />
        {change.error && (
          <div role="alert">
            <Notice tone="bad">{change.error.message}</Notice>
          </div>
        )}
        <div className={classes.actions}>
          <Button type="submit" size="xs" loading={change.isPending} disabled={!changed || name.trim() === ""}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
