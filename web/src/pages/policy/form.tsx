import { Button, Checkbox, NativeSelect, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "@/components/failure";
import { Section } from "@/components/page";
import { SeverityBadge } from "@/components/severity";
import { useEnvironmentNames } from "@/data/coverage";
import { longestName, mostWeight, useCheckedPolicy, useSavePolicy, type CheckedPolicy, type Policy, type PolicyParameter, type PolicyType } from "@/data/policies";
import { Problem } from "@/data/problem";
import { severities } from "@/data/severity";
import { useFormat } from "@/i18n/format";
import { blank, draftOf, faultsOf, lines, requestOf, retyped, type Draft, type Fault } from "./draft";
import classes from "./form.module.css";
import { usePolicyTexts } from "./texts";

interface FormProps {
  types: readonly PolicyType[];
  type: PolicyType;
  /** The policy that is changed; without one another is made. */
  policy?: Policy;
  onType?: (id: string) => void;
}

/** Makes a policy, or changes one. What is wrong is told at its field, by this page or by the server. */
export function PolicyForm({ types, type: first, policy, onType }: FormProps) {
  const { t } = useTranslation();
  const texts = usePolicyTexts();
  const navigate = useNavigate();
  const save = useSavePolicy(policy?.name);
  const [draft, setDraft] = useState(() => (policy ? draftOf(policy, first) : blank(first)));
  const [strict, setStrict] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const type = types.find((one) => one.id === draft.type) ?? first;
  const faults = strict ? faultsOf(draft, type) : new Map<string, Fault>();
  const refused = save.error instanceof Problem ? save.error : undefined;
  const own = useFaultText();
  // What can be compiled is, as it is typed: what is wrong with it stands at the field before it is kept.
  const compiled = useCheckedPolicy(type.fields.some((f) => f.kind === "source") && faultsOf({ ...draft, name: "x", weight: "0" }, type).size === 0 ? requestOf(draft, type) : undefined);
  const unfit = compiled.error instanceof Problem ? compiled.error : undefined;
  // A policy says itself what it counts, until somebody says otherwise.
  const [weighed, setWeighed] = useState(policy !== undefined);
  const filled = weighed || compiled.data?.written === undefined ? draft : { ...draft, weight: String(compiled.data.weight) };

  const change = (what: Partial<Draft>) => {
    save.reset();
    setDraft((d) => ({ ...d, ...what }));
  };
  /** What to say at a field: what this page finds, else the server's words if they are about it. */
  const error = (field: string) => {
    const fault = faults.get(field);
    return fault ? own(fault) : [refused, unfit].find((p) => p?.fields.includes(field))?.message;
  };
  const back = (name?: string) => {
    if (name === undefined) {
      void navigate({ to: "/policies" });
    } else {
      void navigate({ to: "/policies/$name", params: { name } });
    }
  };

  return (
    <form
      ref={form}
      className={classes.form}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setStrict(true);
        if (faultsOf(filled, type).size > 0) {
          // Once the faults are shown, the first of them takes the focus.
          requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault] input')?.focus());
          return;
        }
        save.mutate(requestOf(filled, type), {
          onSuccess: (made) => {
            back(made.name);
          },
        });
      }}
    >
      <Section title={t("policy.form.rule")} padded>
        <div className={classes.fields}>
          {policy === undefined ? (
            <NativeSelect
              label={t("policy.form.type")}
              description={t("policy.form.typeAbout")}
              value={draft.type}
              data={types.map((one) => ({ value: one.id, label: texts.type(one.id, types) }))}
              onChange={(event) => {
                const chosen = types.find((one) => one.id === event.currentTarget.value);
                if (chosen) {
                  save.reset();
                  setDraft((d) => retyped(d, chosen));
                  onType?.(chosen.id);
                }
              }}
            />
          ) : (
            <p>
              {t("policy.form.type")}: <strong>{texts.type(type.id, types)}</strong>
            </p>
          )}
          {type.runtime && <p className="muted">{t("policy.form.runtime")}</p>}
          {type.fields.length === 0 && <p className="muted">{t("policy.form.noParameters")}</p>}
          {type.fields.map((field) => (
            <ParameterField
              key={`${type.id} ${field.name}`}
              field={field}
              value={draft.parameters[field.name]}
              checked={compiled.data}
              error={error(`parameters.${field.name}`)}
              onChange={(value) => {
                change({ parameters: { ...draft.parameters, [field.name]: value } });
              }}
            />
          ))}
        </div>
      </Section>
      <Section title={t("policy.form.called")} padded>
        <div className={classes.fields}>
          <TextInput
            label={t("policy.form.name")}
            description={t("policy.form.nameAbout")}
            required
            withAsterisk={false}
            maxLength={longestName}
            spellCheck={false}
            placeholder={compiled.data?.name ?? type.name}
            value={draft.name}
            error={error("name")}
            onChange={(event) => {
              change({ name: event.currentTarget.value });
            }}
          />
          <Textarea
            label={t("policy.form.description")}
            description={t("policy.form.descriptionAbout")}
            maxLength={1000}
            rows={2}
            value={draft.description}
            error={error("description")}
            onChange={(event) => {
              change({ description: event.currentTarget.value });
            }}
          />
        </div>
      </Section>
      <Section title={t("policy.form.where")} padded>
        <div className={classes.fields}>
          <Textarea
            label={t("policy.form.repositories")}
            description={t("policy.form.repositoriesAbout")}
            rows={3}
            spellCheck={false}
            value={draft.repositories}
            error={error("repositories")}
            onChange={(event) => {
              change({ repositories: event.currentTarget.value });
            }}
          />
          <Environments
            value={draft.environments}
            error={error("environments")}
            onChange={(environments) => {
              change({ environments });
            }}
          />
        </div>
      </Section>
      <Section title={t("policy.form.counts")} padded>
        <div className={classes.fields}>
          <NumberInput
            className={classes.number ?? ""}
            label={t("policy.form.weight")}
            description={t("policy.form.weightAbout", { most: mostWeight })}
            min={0}
            max={mostWeight}
            clampBehavior="none"
            allowDecimal={false}
            allowNegative={false}
            hideControls
            value={filled.weight}
            error={error("weight")}
            onChange={(value) => {
              setWeighed(true);
              change({ weight: String(value) });
            }}
          />
          <Checkbox
            size="xs"
            label={t("policy.form.enabled")}
            description={t("policy.form.enabledAbout")}
            checked={draft.enabled}
            onChange={(event) => {
              change({ enabled: event.currentTarget.checked });
            }}
          />
        </div>
      </Section>
      <Failure error={save.error} what={t("policy.form.failed")} />
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="sm"
          onClick={() => {
            back(policy?.name);
          }}
        >
          {t("action.cancel")}
        </Button>
        <Button type="submit" size="sm" loading={save.isPending}>
          {t(policy === undefined ? "policy.form.submitCreate" : "action.save")}
        </Button>
      </div>
    </form>
  );
}

function useFaultText() {
  const { t } = useTranslation();
  return (f: Fault): string => {
    switch (f.fault) {
      case "name":
      case "missing":
      case "object":
        return t(`policy.form.fault.${f.fault}`);
      case "range":
        return t("policy.form.fault.range", { least: f.least, most: f.most });
      default:
        return t(`policy.form.fault.${f.fault}`, { count: f.count });
    }
  };
}

interface ParameterProps {
  field: PolicyParameter;
  /** What the policy is, if it was compiled. */
  checked: CheckedPolicy | undefined;
  value: Draft["parameters"][string] | undefined;
  error: string | undefined;
  onChange: (value: Draft["parameters"][string]) => void;
}

/** A parameter, with what it means and what it may be. */
function ParameterField({ field, value, checked, error, onChange }: ParameterProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, about } = usePolicyTexts().parameter(field);
  switch (field.kind) {
    case "severities":
      return (
        <div data-fault={error === undefined ? undefined : true}>
          <Checkbox.Group label={name} description={about} error={error} value={Array.isArray(value) ? [...(value as readonly string[])] : []} onChange={onChange}>
            <div className={classes.choices}>
              {severities.map((s) => (
                <Checkbox key={s} size="xs" value={s} label={<SeverityBadge severity={s} />} />
              ))}
            </div>
          </Checkbox.Group>
        </div>
      );
    case "flag":
      return (
        <Checkbox
          size="xs"
          label={name}
          description={about}
          error={error}
          checked={value === true}
          onChange={(event) => {
            onChange(event.currentTarget.checked);
          }}
        />
      );
    case "days":
      return (
        <NumberInput
          className={classes.number ?? ""}
          label={name}
          description={`${about} ${t("policy.form.number", { least: field.least, most: format.number(field.most) })}`}
          min={field.least}
          max={field.most}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          hideControls
          value={typeof value === "string" ? value : ""}
          error={error}
          onChange={(typed) => {
            onChange(String(typed));
          }}
        />
      );
    case "source":
    case "object": {
      const text = typeof value === "string" ? value : "";
      const source = field.kind === "source";
      return (
        <div>
          <Textarea
            label={name}
            description={`${about} ${t("policy.form.bytes", { most: format.number(field.longest ?? 0) })}`}
            rows={Math.min(24, Math.max(source ? 14 : 3, text.split("\n").length + 1))}
            wrap="off"
            spellCheck={false}
            classNames={{ input: classes.mono ?? "" }}
            value={text}
            error={error}
            onChange={(event) => {
              onChange(event.currentTarget.value);
            }}
          />
          {source && (
            <p className="muted" role="status">
              {checked?.written !== undefined && error === undefined ? t("policy.form.compiled", { title: checked.written.title, weight: format.number(checked.weight) }) : ""}
            </p>
          )}
        </div>
      );
    }
    case "texts": {
      const text = typeof value === "string" ? value : "";
      return (
        <Textarea
          label={name}
          description={[about, t("policy.form.oneALine", { most: field.most }), field.example === undefined ? "" : t("policy.form.example", { example: field.example })].filter((part) => part !== "").join(" ")}
          rows={Math.min(8, Math.max(2, lines(text).length + 1))}
          spellCheck={false}
          classNames={{ input: classes.mono ?? "" }}
          value={text}
          error={error}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      );
    }
  }
}

interface EnvironmentsProps {
  value: readonly string[];
  error: string | undefined;
  onChange: (value: string[]) => void;
}

function Environments({ value, error, onChange }: EnvironmentsProps) {
  const { t } = useTranslation();
  const known = useEnvironmentNames();
  // One that is gone stays in the list, or it would be taken away unasked.
  const names = [...new Set([...known, ...value])];
  return (
    <div data-fault={error === undefined ? undefined : true}>
      <Checkbox.Group label={t("policy.form.environments")} description={t("policy.form.environmentsAbout")} error={error} value={[...value]} onChange={onChange}>
        <div className={`${classes.choices ?? ""} ${classes.many ?? ""}`}>
          {names.map((name) => (
            <Checkbox key={name} size="xs" value={name} label={name} />
          ))}
          {names.length === 0 && <span className="muted">{t("policy.form.noEnvironments")}</span>}
        </div>
      </Checkbox.Group>
    </div>
  );
}
