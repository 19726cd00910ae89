import { Button, Skeleton } from "@mantine/core";
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEnvironment } from "@/app/environment";
import { policyTabs } from "@/app/routes/policies";
import { Failure } from "@/components/failure";
import { FilterBar, TabBar, tabClass } from "@/components/filters";
import { Page, Section } from "@/components/page";
import { RemovalDialog } from "@/components/removal-dialog";
import { ErrorState } from "@/components/state";
import { DisabledSign, Notice } from "@/components/status";
import { hasPast, policiesQuery, policyQuery, useDeletePolicy, useEnablePolicy, type Policy } from "@/data/policies";
import { useRemember } from "@/data/recents";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { usePolicyWords } from "@/i18n/policy";
import { SpanFilter } from "@/pages/environment/exposure/span-filter";
import { PolicyChanges } from "./changes";
import { PolicyImages } from "./images";
import { Now } from "./now";
import classes from "./policy.module.css";
import { Rule } from "./rule-section";
import { PolicyTrend } from "./trend";

export function PolicyPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = usePolicyWords();
  const { name } = useParams({ from: "/app/policies/$name" });
  const { tab = "images", days = 30 } = useSearch({ from: "/app/policies/$name" });
  const navigate = useNavigate({ from: "/policies/$name" });
  const environment = useEnvironment();
  const { data: policy, error, refetch } = useQuery(policyQuery(name));
  const list = useQuery(policiesQuery(environment, days));
  useRemember(policy && { kind: "policy", name: policy.name });
  const crumbs = [<Link key="policies" to="/policies">{t("nav.policies")}</Link>];
  if (error && !policy) {
    return (
      <Page title={words.name(name)} crumbs={crumbs}>
        <Section>
          <ErrorState error={error} retry={refetch} />
        </Section>
      </Page>
    );
  }
  const due = list.data?.due ?? 0;
  const row = list.data?.items.find((p) => p.name === name);
  return (
    <Page
      title={words.name(name)}
      crumbs={crumbs}
      heading={
        <span className={classes.heading}>
          {words.name(name)} {policy?.enabled === false && <DisabledSign />}
        </span>
      }
      lead={policy ? words.description(policy.description) : <Skeleton height={12} width="min(30rem, 90%)" mt={6} mb={2} />}
      actions={policy && <Actions policy={policy} />}
    >
      {policy?.enabled === false && <Notice tone="info">{t("policy.disabledNote")}</Notice>}
      {due > 0 && <Notice tone="info">{t("policies.due", { count: due, n: format.number(due) })}</Notice>}
      <div className={classes.top}>
        <Rule policy={policy} />
        {policy?.enabled !== false && <Now row={row} error={list.error} retry={list.refetch} environment={environment} />}
      </div>
      {policy?.enabled !== false && hasPast(environment) && (
        <>
          <FilterBar>
            <SpanFilter value={days} onChange={(span) => void navigate({ search: (s) => ({ ...s, days: span === 30 ? undefined : span }), replace: true })} />
          </FilterBar>
          <PolicyTrend name={name} environment={environment} days={days} />
        </>
      )}
      <TabBar label={t("policy.parts")}>
        {policyTabs.map((one) => (
          <Link
            key={one}
            to="."
            search={{ environment, ...(days === 30 ? {} : { days }), ...(one === "images" ? {} : { tab: one }) }}
            className={tabClass}
            aria-current={one === tab ? "page" : undefined}
            activeOptions={{ exact: true }}
            activeProps={{}}
            replace
          >
            {t(`policy.tab.${one}`)}
          </Link>
        ))}
      </TabBar>
      {tab === "images" ? <PolicyImages name={name} enabled={policy?.enabled !== false} counts={row?.count} /> : <PolicyChanges name={name} />}
    </Page>
  );
}

/** What editors do with a policy. */
function Actions({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const may = useMay("write");
  const enable = useEnablePolicy(policy.name);
  const [deleting, setDeleting] = useState(false);
  const removal = useDeletePolicy();
  if (!may) {
    return <span className="muted">{t("policy.members")}</span>;
  }
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconPencil size={14} aria-hidden />} renderRoot={(props) => <Link to="/policies/$name/edit" params={{ name: policy.name }} {...props} />}>
        {t("policy.edit")}
      </Button>
      <Button
        variant="default"
        size="xs"
        loading={enable.isPending}
        leftSection={policy.enabled ? <IconPlayerPause size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
        onClick={() => {
          enable.mutate(!policy.enabled);
        }}
      >
        {t(policy.enabled ? "policy.disable" : "policy.enable")}
      </Button>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconTrash size={14} aria-hidden />}
        onClick={() => {
          setDeleting(true);
        }}
      >
        {t("policy.delete.button")}
      </Button>
      <Failure error={enable.error} what={t("policy.notChanged")} />
      {deleting && (
        <RemovalDialog
          title={t("policy.delete.title", { name: policy.name })}
          name={policy.name}
          button={t("policy.delete.button")}
          failed={t("policy.delete.failed")}
          leadsTo="/policies"
          removal={removal}
          onClose={() => {
            setDeleting(false);
          }}
        >
          <p>{t("policy.delete.about")}</p>
        </RemovalDialog>
      )}
    </>
  );
}
