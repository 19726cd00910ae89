import { Button, Checkbox, Select, TextInput, Textarea } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Advanced } from "@/components/advanced";
import { CertificateInput } from "@/components/certificate-input";
import { FaultText } from "@/components/fault";
import { OwnersOnly } from "@/components/no-permission";
import { Page, Section } from "@/components/page";
import { ErrorState } from "@/components/state";
import { Notice } from "@/components/status";
import { TokenInput } from "@/components/token-input";
import { Problem } from "@/data/problem";
import { connectRegistry, forgetRepositories, registryKindsQuery, testRegistry, type Connection, type Registry, type RegistryKind, type RegistryTrial } from "@/data/push";
import { useMay } from "@/data/session";
import { useTask } from "@/data/task";
import { useKindTexts } from "@/components/registry-kind";
import classes from "./connect.module.css";

type Draft = Connection & { name: string; enable: string };

/** Names, in no language. */
const examples = { name: "registry", pattern: "team/*", excluded: "team/tmp-*" };

const blank: Draft = { name: "", kind: "oci", host: "", namespace: "", api: "", username: "", secret: "", identity: false, ca: "", repositories: "", include: "", exclude: "", enable: "" };

/** Connects a registry. What is entered stays here until it is connected. */
export function RegistryFormPage() {
  const { t } = useTranslation();
  const may = useMay("connect");
  const { data: kinds, error, refetch } = useQuery(registryKindsQuery);
  return (
    <Page
      title={t("connect.registry.title")}
      lead={t("connect.registry.lead")}
      crumbs={[
        <Link key="integrations" to="/integrations">
          {t("nav.integrations")}
        </Link>,
        <Link key="new" to="/connect">
          {t("connect.title")}
        </Link>,
      ]}
    >
      {may ? (
        <Section title={t("connect.registry.name")} padded>
          {error && !kinds ? <ErrorState error={error} retry={refetch} /> : <Form kinds={kinds ?? []} />}
        </Section>
      ) : (
        <OwnersOnly>{t("connect.forbidden")}</OwnersOnly>
      )}
    </Page>
  );
}

function Form({ kinds }: { kinds: RegistryKind[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, setDraft] = useState(blank);
  const [trial, setTrial] = useState<RegistryTrial>();
  const test = useTask<RegistryTrial>();
  const connect = useTask<Registry>();
  const kind = kinds.find((k) => k.name === draft.kind);
  const texts = useKindTexts(draft.kind);
  const error = connect.error ?? test.error;
  const wrong = (field: string) => error instanceof Problem && error.fields.includes(field);
  const change = (what: Partial<Draft>) => {
    setDraft((d) => ({ ...d, ...what }));
    setTrial(undefined);
    test.forget();
    connect.forget();
  };
  const field = (name: Exclude<keyof Draft, "kind" | "secret" | "identity" | "ca">) => ({
    value: draft[name],
    error: wrong(name),
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      change({ [name]: event.currentTarget.value });
    },
  });
  return (
    <form
      className={`${classes.step ?? ""} ${classes.narrow ?? ""}`}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void connect.run(
          () => connectRegistry(draft, draft),
          (made) => {
            forgetRepositories(client);
            void navigate({ to: "/repositories", search: { registry: made.name } });
          },
        );
      }}
    >
      <TextInput label={t("connect.name.label")} description={t("connect.registry.nameAbout")} placeholder={examples.name} maxLength={128} required {...field("name")} />
      <Select
        label={t("connect.registry.kind")}
        allowDeselect={false}
        data={kinds.map((k) => ({ value: k.name, label: k.name === "oci" ? t("connect.registry.any") : k.title }))}
        value={draft.kind}
        error={wrong("kind")}
        onChange={(value) => {
          change({ kind: value ?? blank.kind, host: "", namespace: "", api: "", identity: false });
        }}
      />
      {kind?.host === undefined && <TextInput label={t("connect.registry.host")} placeholder={kind?.example ?? ""} inputMode="url" required {...field("host")} />}
      {kind?.namespace !== undefined && <TextInput label={t("connect.registry.namespace")} description={texts?.space ?? kind.namespace} {...field("namespace")} />}
      {kind?.identity && (
        <Checkbox
          size="xs"
          label={t("connect.registry.identity")}
          description={t("connect.registry.identityAbout")}
          checked={draft.identity}
          error={wrong("identity")}
          onChange={(event) => {
            change({ identity: event.currentTarget.checked });
          }}
        />
      )}
      {!draft.identity && (
        <>
          <TextInput label={t("connect.registry.username")} description={texts?.user ?? kind?.username} maxLength={512} {...field("username")} />
          <TokenInput
            label={t("connect.registry.secret")}
            description={texts?.token ?? kind?.secret ?? ""}
            value={draft.secret}
            error={wrong("secret")}
            onChange={(secret) => {
              change({ secret });
            }}
          />
        </>
      )}
      <TextInput label={t("connect.registry.enable")} description={t("connect.registry.enableAbout")} placeholder={examples.pattern} {...field("enable")} />
      <Advanced title={t("connect.advanced")} unfold={["api", "repositories", "include", "exclude", "ca"].some(wrong)}>
        {kind?.api !== undefined && <TextInput label={t("connect.registry.api")} placeholder={kind.api} {...field("api")} />}
        <TextInput label={t("connect.registry.include")} description={t("connect.registry.includeAbout")} placeholder={examples.pattern} {...field("include")} />
        <TextInput label={t("connect.registry.exclude")} placeholder={examples.excluded} {...field("exclude")} />
        <Textarea label={t("connect.registry.repositories")} description={t("connect.registry.repositoriesAbout")} rows={3} {...field("repositories")} />
        <CertificateInput
          label={t("connect.ca.label")}
          description={t("connect.registry.ca")}
          value={draft.ca}
          error={wrong("ca")}
          onChange={(ca) => {
            change({ ca });
          }}
        />
      </Advanced>
      <div role="status">{trial && <Seen trial={trial} />}</div>
      {error !== undefined && (
        <div role="alert">
          <Notice tone="bad">
            <p>{t(connect.error === undefined ? "connect.registry.refused" : "connect.registry.notConnected")}</p>
            <FaultText error={error} />
            <p>{error instanceof Problem && error.status !== 0 ? [error.message, ...error.parts].join(" ") : t("error.unreachable.text")}</p>
          </Notice>
        </div>
      )}
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="sm"
          loading={test.isPending}
          onClick={() => {
            connect.forget();
            setTrial(undefined);
            void test.run(() => testRegistry(draft), setTrial);
          }}
        >
          {t("connect.registry.test")}
        </Button>
        <span className={classes.grow} />
        <Button type="submit" size="sm" loading={connect.isPending} disabled={draft.name.trim() === ""}>
          {t("connect.registry.connect")}
        </Button>
      </div>
    </form>
  );
}

/** What the test of a connection saw. */
function Seen({ trial }: { trial: RegistryTrial }) {
  const { t } = useTranslation();
  const n = trial.repositories.length;
  return (
    <>
      <p className={classes.live}>
        <IconCircleCheck size={20} className={classes.good} aria-hidden />
        <span>{n === 0 ? t("connect.registry.seenNone", { host: trial.host }) : t("connect.registry.seen", { host: trial.host })}</span>
      </p>
      {n > 0 && (
        <p className={`muted ${classes.names ?? ""}`}>
          {trial.repositories.join(", ")}
          {trial.more && <> {t("connect.registry.more")}</>}
        </p>
      )}
    </>
  );
}
