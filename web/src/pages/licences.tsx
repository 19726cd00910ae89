import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { licencesQuery, type Licence } from "@/data/system";
import classes from "./licences.module.css";

export function LicencesPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(licencesQuery);
  return (
    <Page title={t("licences.title")} lead={t("licences.lead")}>
      {error && <ErrorState error={error} retry={refetch} />}
      {data && <Works title={t("licences.packages")} list={data.packages} />}
      {data && <Works title={t("licences.modules")} list={data.modules} />}
    </Page>
  );
}

function Works({ title, list }: { title: string; list: Licence[] }) {
  return (
    <Section title={title}>
      <ul className={classes.list}>
        {list.map((p) => (
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
  );
}
