import { Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Advanced } from "@/components/advanced";
import { Ago } from "@/components/ago";
import { Facts, Section } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { policyTypesQuery, type Policy, type PolicyParameter } from "@/data/policies";
import { useFormat } from "@/i18n/format";
import classes from "./policy.module.css";
import { daysIn, objectIn, parametersOf, ruleOf, severitiesIn, sourceIn, textsIn } from "./rule";
import { usePolicyTexts } from "./texts";

/** What a policy asks, in sentences; where it holds; and its parameters one by one. */
export function Rule({ policy }: { policy: Policy | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const texts = usePolicyTexts();
  const { data: types } = useQuery(policyTypesQuery);
  if (!policy) {
    return (
      <Section title={t("policy.rule.title")} padded>
        <Skeleton height={168} />
      </Section>
    );
  }
  const type = types?.find((one) => one.id === policy.type);
  const written = policy.written === undefined ? undefined : [policy.written.title];
  const sentences = ruleOf(policy.type, parametersOf(policy))?.map(texts.sentence) ?? written ?? (type === undefined ? [] : [type.description]);
  const places = [
    ...(policy.repositories.length > 0 ? [t("policy.inRepositories", { list: texts.few(policy.repositories) })] : []),
    ...(policy.environments.length > 0 ? [t("policy.inEnvironments", { list: texts.few(policy.environments) })] : []),
  ];
  return (
    <Section title={t("policy.rule.title")} padded>
      <ul className={classes.rule}>
        {sentences.map((sentence) => (
          <li key={sentence}>
            <IconCircleCheck size={16} stroke={1.75} aria-hidden />
            <span>{sentence}</span>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          [t("policy.type"), texts.type(policy.type, types)],
          [t("policy.holds"), places.length === 0 ? t("policy.everywhere") : format.list(places)],
          [t("policy.weight"), policy.weight === 0 ? t("policy.weightNone") : format.number(policy.weight)],
          [t("policy.changed"), <Ago key="changed" at={policy.changed} />],
        ]}
      />
      {type !== undefined && type.fields.length > 0 && (
        <div className={classes.parameters}>
          <Advanced title={t("policy.parameters")}>
            <Facts facts={type.fields.map((field) => [texts.parameter(field).name, <Value key={field.name} field={field} policy={policy} />])} />
          </Advanced>
        </div>
      )}
    </Section>
  );
}

function Value({ field, policy }: { field: PolicyParameter; policy: Policy }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parameters = parametersOf(policy);
  const none = <span className="muted">{t("policy.none")}</span>;
  switch (field.kind) {
    case "severities": {
      const list = severitiesIn(parameters, field.name);
      return list.length === 0 ? (
        none
      ) : (
        <span className={classes.values}>
          {list.map((s) => (
            <SeverityBadge key={s} severity={s} />
          ))}
        </span>
      );
    }
    case "flag":
      return t(parameters[field.name] === true ? "policy.yes" : "policy.no");
    case "days":
      return daysIn(parameters, field.name) === 0 ? none : format.days(daysIn(parameters, field.name));
    case "source":
      return <pre className={classes.source}>{sourceIn(parameters, field.name)}</pre>;
    case "object": {
      const text = objectIn(parameters, field.name);
      return text === "" ? none : <pre className={classes.source}>{text}</pre>;
    }
    case "texts": {
      const list = textsIn(parameters, field.name);
      return list.length === 0 ? (
        none
      ) : (
        <span className={classes.values}>
          {list.map((text) => (
            <code key={text}>{text}</code>
          ))}
        </span>
      );
    }
  }
}
