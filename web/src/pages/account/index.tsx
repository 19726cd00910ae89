import { useTranslation } from "react-i18next";
import { Link } from "@tanstack/react-router";
import { Page, Section } from "@/components/page";
import { State } from "@/components/state";
import { useMay, useSession } from "@/data/session";
import { Password } from "./password";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

/** What a person may change of themselves. */
export function AccountPage() {
  const { t } = useTranslation();
  const person = useSession()?.person;
  const mayTokens = useMay("own-tokens");
  if (!person) {
    return (
      <Page title={t("account.title")}>
        <Section>
          <State title={t("error.forbidden.title")} />
        </Section>
      </Page>
    );
  }
  return (
    <Page title={t("account.title")} lead={person.email}>
      <Profile key={`${person.name} ${person.language}`} person={person} />
      <Password person={person} />
      <Sessions />
      {mayTokens && (
        <Section title={t("nav.tokens")} padded aside={<Link to="/settings/tokens">{t("account.toTokens")}</Link>}>
          <p>{t("account.tokens")}</p>
        </Section>
      )}
    </Page>
  );
}
