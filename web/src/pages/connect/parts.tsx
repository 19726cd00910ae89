import { Checkbox, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Advanced } from "@/components/advanced";
import { CertificateInput } from "@/components/certificate-input";
import { Notice } from "@/components/status";
import { TokenInput } from "@/components/token-input";
import { useEnvironmentNames } from "@/data/coverage";
import { customRegion, integrationsQuery, regionsQuery } from "@/data/integrations";
import { Choices } from "./choices";
import classes from "./connect.module.css";
import { isEnvironmentName, nameFault, type Draft, type Field } from "./steps";

export interface PartProps {
  draft: Draft;
  onChange: (what: Partial<Draft>) => void;
  /** The field the server refused. */
  wrong: Field | undefined;
  /** Whether to say what is missing: not before someone wanted to go on. */
  strict: boolean;
}

export function NamePart({ draft, onChange, wrong, strict }: PartProps) {
  const { t } = useTranslation();
  const { data } = useQuery(integrationsQuery);
  const fault = nameFault(draft.name, data?.map((i) => i.name) ?? []);
  const says = fault === "taken" || (fault && strict) ? t(`connect.name.${fault}`) : undefined;
  return (
    <TextInput
      label={t("connect.name.label")}
      description={t("connect.name.about")}
      placeholder={t("connect.name.example")}
      data-first
      autoComplete="off"
      spellCheck={false}
      maxLength={128}
      value={draft.name}
      error={says ?? wrong === "name"}
      onChange={(event) => {
        onChange({ name: event.currentTarget.value });
      }}
    />
  );
}

export function AccountPart({ draft, onChange, wrong, strict }: PartProps) {
  const { t } = useTranslation();
  const { data: regions, error } = useQuery(regionsQuery);
  const missing = (value: string) => (strict && value.trim() === "" ? t("connect.missing") : undefined);
  return (
    <>
      <TokenInput
        label={t("connect.token.label")}
        description={t("connect.token.about")}
        data-first
        value={draft.token}
        error={missing(draft.token) ?? wrong === "token"}
        onChange={(token) => {
          onChange({ token });
        }}
      />
      <Select
        label={t("integration.region")}
        description={t("connect.region.about")}
        placeholder={t("connect.region.choose")}
        searchable
        allowDeselect={false}
        nothingFoundMessage={t("connect.nothing")}
        data={(regions ?? []).map((r) => ({ value: r.name, label: r.name === customRegion ? t("connect.region.custom") : `${r.name} · ${r.place}` }))}
        value={draft.region === "" ? null : draft.region}
        error={error?.message ?? missing(draft.region) ?? wrong === "region"}
        onChange={(region) => {
          onChange({ region: region ?? "" });
        }}
      />
      {draft.region === customRegion && (
        <TextInput
          label={t("connect.url.label")}
          description={t("connect.url.about")}
          placeholder={t("connect.url.example")}
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={draft.url}
          error={missing(draft.url) ?? wrong === "url"}
          onChange={(event) => {
            onChange({ url: event.currentTarget.value });
          }}
        />
      )}
      <Advanced title={t("connect.advanced")} unfold={wrong === "ca" || wrong === "apiToken" || draft.ca !== "" || draft.apiToken !== ""}>
        {draft.region === customRegion && (
          <CertificateInput
            label={t("connect.ca.label")}
            description={t("connect.ca.about")}
            value={draft.ca}
            error={wrong === "ca"}
            onChange={(ca) => {
              onChange({ ca });
            }}
          />
        )}
        <TokenInput
          label={t("connect.apiToken.label")}
          description={t("connect.apiToken.about")}
          value={draft.apiToken}
          error={wrong === "apiToken"}
          onChange={(apiToken) => {
            onChange({ apiToken });
          }}
        />
      </Advanced>
    </>
  );
}

export function ClusterPart({ draft, onChange, wrong, strict }: PartProps) {
  const { t } = useTranslation();
  const { data } = useQuery(integrationsQuery);
  const clusters = draft.clusters ?? [];
  if (clusters.length === 0) {
    return (
      <>
        <Unlisted draft={draft} />
        <TextInput
          label={t("connect.cluster.typed")}
          description={t(draft.refused === "" ? "connect.cluster.none" : "connect.cluster.about")}
          data-first
          autoComplete="off"
          spellCheck={false}
          maxLength={512}
          value={draft.cluster}
          error={strict && draft.cluster.trim() === "" ? t("connect.missing") : wrong === "cluster"}
          onChange={(event) => {
            onChange({ cluster: event.currentTarget.value });
          }}
        />
      </>
    );
  }
  const feeding = (cluster: string) => data?.find((i) => i.cluster === cluster && i.region === draft.region && (i.url ?? "") === draft.url.trim());
  return (
    <>
      <Unlisted draft={draft} />
      <Choices
        legend={t("connect.cluster.label")}
        value={draft.cluster}
        onChoose={(cluster) => {
          onChange({ cluster });
        }}
        choices={clusters.map((cluster) => {
          const by = feeding(cluster);
          return { value: cluster, label: cluster, note: by && t("connect.cluster.feeds", { environment: by.environment, name: by.name }) };
        })}
      />
      <TextInput
        label={t("connect.cluster.other")}
        description={t("connect.cluster.otherAbout")}
        autoComplete="off"
        spellCheck={false}
        maxLength={512}
        value={clusters.includes(draft.cluster) ? "" : draft.cluster}
        error={wrong === "cluster"}
        onChange={(event) => {
          onChange({ cluster: event.currentTarget.value });
        }}
      />
      {strict && draft.cluster === "" && <Fault>{t("connect.cluster.choose")}</Fault>}
      <p className="muted">{t("connect.cluster.about")}</p>
    </>
  );
}

/** Says plainly that the list of clusters is not the token's own, or that there is none. */
function Unlisted({ draft: { listedBy, refused } }: { draft: Draft }) {
  const { t } = useTranslation();
  if (refused === "") {
    return null;
  }
  return (
    <Notice tone="warn">
      <p>{listedBy === undefined ? t("connect.cluster.unlisted") : t("connect.cluster.elsewhere", { list: t(`connect.cluster.lists.${listedBy}`) })}</p>
      <p className="muted">{refused}</p>
    </Notice>
  );
}

/** The value that stands for an environment that does not exist yet; no name can be it. */
const fresh = "";

export function EnvironmentPart({ draft, onChange, wrong, strict }: PartProps) {
  const { t } = useTranslation();
  const names = useEnvironmentNames();
  const isNew = draft.isNew || names.length === 0;
  const fault = strict && !isEnvironmentName(draft.environment);
  return (
    <>
      {names.length > 0 && (
        <Choices
          legend={t("connect.environment.label")}
          value={isNew ? fresh : draft.environment === "" ? undefined : draft.environment}
          onChoose={(value) => {
            onChange({ environment: value, isNew: value === fresh });
          }}
          choices={[...names.map((n) => ({ value: n, label: n })), { value: fresh, label: t("connect.environment.new") }]}
        />
      )}
      {isNew ? (
        <TextInput
          label={t("connect.environment.name")}
          description={t("connect.environment.about")}
          placeholder={t("connect.environment.example")}
          data-first={names.length === 0 || undefined}
          autoComplete="off"
          maxLength={128}
          value={draft.environment}
          error={fault ? t("connect.environment.form") : wrong === "environment"}
          onChange={(event) => {
            onChange({ environment: event.currentTarget.value, isNew: true });
          }}
        />
      ) : (
        fault && <Fault>{t("connect.environment.choose")}</Fault>
      )}
      <Checkbox
        size="xs"
        label={t("integration.analyse.label")}
        description={t("integration.analyse.about")}
        checked={draft.analyse}
        onChange={(event) => {
          onChange({ analyse: event.currentTarget.checked });
        }}
      />
    </>
  );
}

export function SummaryPart({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const { data: regions } = useQuery(regionsQuery);
  const place = regions?.find((r) => r.name === draft.region)?.place;
  const rows = [
    ["name", t("connect.name.label"), draft.name],
    ["account", t("integration.region"), draft.region === customRegion ? draft.url : [draft.region, place].filter(Boolean).join(" · ")],
    ...(draft.ca.trim() === "" ? [] : [["account", t("connect.ca.label"), t("connect.summary.given")] as const]),
    ...(draft.apiToken.trim() === "" ? [] : [["account", t("connect.apiToken.label"), t("connect.summary.given")] as const]),
    ["cluster", t("workload.cluster"), draft.cluster],
    ["environment", t("environment.one"), draft.isNew ? t("connect.summary.new", { name: draft.environment }) : draft.environment],
    ["environment", t("integration.analyse.label"), t(draft.analyse ? "integration.analyse.on" : "integration.analyse.off")],
  ] as const;
  return (
    <>
      <dl className={classes.summary}>
        {rows.map(([step, label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
            <dd>
              <Link to="/connect/sysdig" search={(s) => ({ ...s, step })} aria-label={t("connect.summary.change", { what: label })}>
                {t("action.change")}
              </Link>
            </dd>
          </div>
        ))}
      </dl>
      <p className="muted">{t("connect.summary.about", { cluster: draft.cluster, environment: draft.environment })}</p>
    </>
  );
}

function Fault({ children }: { children: string }) {
  return (
    <p className={classes.fault} role="alert">
      {children}
    </p>
  );
}
