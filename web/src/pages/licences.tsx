import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { licencesQuery } from "@/data/system";
import classes from "./licences.module.css";

export function LicencesPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(licencesQuery);
  return (
    <Page title={t("licences.title")} lead={t("licences.lead")}>
      <Section>
        {error && <ErrorState error={error} retry={refetch} />}
        <ul className={classes.list}>
          {data?.map((p) => (
            <li key={`${p.name}@${p.version}`}>
              <details>
                <summary>
                  <span>
                    {p.name} <span className="muted">{p.version}</span>
                  </span>
                  <span className="muted">{p.licence}</span>
                </summary>
                <pre>{p.text === "" ? p.licence : p.text}</pre>
              </details>
            </li>
          ))}
        </ul>
      </Section>
    </Page>
  );
}
