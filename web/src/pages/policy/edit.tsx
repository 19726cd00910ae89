import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { NoPermission } from "@/components/no-permission";
import { Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { policyQuery, policyTypesQuery } from "@/data/policies";
import { useMay } from "@/data/session";
import { usePolicyWords } from "@/i18n/policy";
import { PolicyForm } from "./form";

/** The form of a new policy; its type is in the address. */
export function NewPolicyPage() {
  const { t } = useTranslation();
  const may = useMay("write");
  const { type } = useSearch({ from: "/app/new-policy" });
  const navigate = useNavigate({ from: "/new-policy" });
  const { data: types, error, refetch } = useQuery({ ...policyTypesQuery, enabled: may });
  const chosen = types?.find((one) => one.id === type) ?? types?.[0];
  return (
    <Page title={t("policy.form.create")} lead={t("policy.form.lead")} crumbs={[<Link key="policies" to="/policies">{t("nav.policies")}</Link>]}>
      {!may ? (
        <NoPermission>{t("policy.forbidden")}</NoPermission>
      ) : error && !types ? (
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      ) : types && chosen ? (
        <PolicyForm types={types} type={chosen} onType={(id) => void navigate({ search: (s) => ({ ...s, type: id }), replace: true })} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

/** The form of a policy that there is. */
export function EditPolicyPage() {
  const { t } = useTranslation();
  const words = usePolicyWords();
  const may = useMay("write");
  const { name } = useParams({ from: "/app/policies/$name/edit" });
  const types = useQuery({ ...policyTypesQuery, enabled: may });
  const policy = useQuery({ ...policyQuery(name), enabled: may });
  const type = types.data?.find((one) => one.id === policy.data?.type);
  const error = policy.data ? types.error : policy.error;
  return (
    <Page
      title={t("policy.form.edit", { name: words.name(name) })}
      lead={t("policy.form.leadEdit")}
      crumbs={[
        <Link key="policies" to="/policies">
          {t("nav.policies")}
        </Link>,
        <Link key="policy" to="/policies/$name" params={{ name }}>
          {words.name(name)}
        </Link>,
      ]}
    >
      {!may ? (
        <NoPermission>{t("policy.forbidden")}</NoPermission>
      ) : policy.data && types.data && type ? (
        // What somebody else changes meanwhile must not take away what is being typed.
        <PolicyForm key={policy.data.name} types={types.data} type={type} policy={policy.data} />
      ) : error ? (
        <Section>
          <ErrorState error={error} retry={policy.data ? types.refetch : policy.refetch} />
        </Section>
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <Section padded>
      <div aria-busy="true">
        <Skeleton height={320} />
      </div>
    </Section>
  );
}
