import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Countdown, useSecondsUntil } from "@/components/countdown";
import { FaultText } from "@/components/fault";
import { OwnersOnly } from "@/components/no-permission";
import { Page, Section } from "@/components/page";
import { Notice } from "@/components/status";
import { connect, forgetWhatRuns, integrationsQuery, isEmptyCluster, listClusters, type ClusterList, type Integration } from "@/data/integrations";
import { Problem } from "@/data/problem";
import { useMay } from "@/data/session";
import { useTask } from "@/data/task";
import classes from "./connect.module.css";
import { Live } from "./live";
import { AccountPart, ClusterPart, EnvironmentPart, NamePart, SummaryPart } from "./parts";
import {
  another,
  blamed,
  blank,
  change,
  isAccount,
  isComplete,
  nameFault,
  stepAfter,
  stepBefore,
  stepFor,
  stepOf,
  steps,
  withClusters,
  type Draft,
  type Step,
} from "./steps";

const parts = { name: NamePart, account: AccountPart, cluster: ClusterPart, environment: EnvironmentPart, summary: SummaryPart };

/** Connects a cluster of Sysdig, step by step. What is entered stays here until it is enabled. */
export function SysdigWizardPage() {
  const { t } = useTranslation();
  const { step: wanted, name: enabled } = useSearch({ from: "/app/connect/sysdig" });
  const navigate = useNavigate({ from: "/connect/sysdig" });
  const may = useMay("connect");
  const [draft, setDraft] = useState<Draft>(blank);
  // Here and not in its step, as what was refused may be a field of another.
  const enable = useTask<Integration>();
  const isLive = enabled !== undefined;
  const step = stepFor(wanted, draft);

  // An address may ask for a step that is not open: after a reload, or back from what was enabled.
  const strayed = !isLive && step !== (wanted ?? "name");
  useEffect(() => {
    if (strayed) {
      void navigate({ search: (s) => ({ ...s, step }), replace: true });
    }
  }, [strayed, step, navigate]);

  return (
    <Page
      title={t("connect.sysdig.title")}
      lead={t("connect.sysdig.lead")}
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
        <div className={classes.wizard}>
          <Progress draft={draft} current={isLive ? undefined : step} />
          <Section title={isLive ? enabled : t(`connect.step.${step}`)} padded>
            {isLive ? (
              <Live
                name={enabled}
                onAnother={() => {
                  void navigate({ search: (s) => ({ ...s, step: undefined, name: undefined }) });
                }}
              />
            ) : (
              <StepForm
                key={step}
                step={step}
                draft={draft}
                enable={enable}
                onChange={setDraft}
                onNext={(next) => {
                  void navigate({ search: (s) => ({ ...s, step: next }) });
                }}
                onEnabled={(integration) => {
                  // Only once it is left: an empty draft would send the form back to its first step.
                  void navigate({ search: (s) => ({ ...s, step: undefined, name: integration.name }), replace: true }).then(() => {
                    setDraft(another);
                  });
                }}
              />
            )}
          </Section>
        </div>
      ) : (
        <OwnersOnly>{t("connect.forbidden")}</OwnersOnly>
      )}
    </Page>
  );
}

/** The steps, with what is done; those that are open lead there. */
function Progress({ draft, current }: { draft: Draft; current: Step | undefined }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("connect.steps")} className={classes.progress}>
      <ol>
        {steps.map((s, i) => {
          const done = current === undefined || (isComplete(s, draft) && s !== current);
          const content = (
            <>
              <span className={classes.mark} aria-hidden>
                {done ? <IconCheck size={13} stroke={2.5} /> : i + 1}
              </span>
              <span>{t(`connect.step.${s}`)}</span>
            </>
          );
          const isOpen = current !== undefined && s !== current && stepFor(s, draft) === s;
          return (
            <li key={s} data-done={done || undefined} aria-current={s === current ? "step" : undefined}>
              {isOpen ? (
                <Link to="/connect/sysdig" search={(search) => ({ ...search, step: s })}>
                  {content}
                </Link>
              ) : (
                <span>{content}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

interface StepFormProps {
  step: Step;
  draft: Draft;
  enable: ReturnType<typeof useTask<Integration>>;
  onChange: (update: (draft: Draft) => Draft) => void;
  onNext: (step: Step) => void;
  onEnabled: (integration: Integration) => void;
}

function StepForm({ step, draft, enable, onChange, onNext, onEnabled }: StepFormProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: integrations } = useQuery(integrationsQuery);
  const [strict, setStrict] = useState(false);
  const ask = useTask<ClusterList>();
  const form = useRef<HTMLFormElement>(null);
  const refused = blamed(enable.error);
  const notEnabled = step === "summary" || (refused !== undefined && stepOf(refused) === step) ? enable.error : undefined;
  const error = ask.error ?? notEnabled;
  const wrong = blamed(error);
  const until = error instanceof Problem ? error.until : 0;
  const waits = useSecondsUntil(until) > 0;
  const busy = ask.isPending || enable.isPending;
  const Part = parts[step];
  const before = stepBefore(step);

  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input:checked, [data-first]")?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (error !== undefined || strict) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]:not([type=hidden])")?.focus();
    }
  }, [error, strict]);

  const enableIt = (allowEmpty: boolean) => {
    void enable.run(
      () => connect(draft, { name: draft.name, cluster: draft.cluster.trim(), environment: draft.environment.trim(), analyse: draft.analyse, allowEmpty }),
      (integration) => {
        forgetWhatRuns(client);
        onEnabled(integration);
      },
    );
  };

  const submit = () => {
    if (busy || waits) {
      return;
    }
    if (step === "summary") {
      enableIt(false);
      return;
    }
    if (step === "account") {
      if (!isAccount(draft)) {
        setStrict(true);
        return;
      }
      void ask.run(
        () => listClusters(draft),
        (list) => {
          onChange((d) => withClusters(d, list));
          onNext("cluster");
        },
      );
      return;
    }
    const taken = step === "name" && nameFault(draft.name, integrations?.map((i) => i.name) ?? []) !== undefined;
    if (taken || !isComplete(step, draft)) {
      setStrict(true);
      return;
    }
    onNext(stepAfter(step));
  };

  return (
    <form
      ref={form}
      className={classes.step}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className="muted">{t(`connect.about.${step}`)}</p>
      {error !== undefined && (
        <div role="alert">
          <Notice tone={until > 0 ? "warn" : "bad"} action={wrong && stepOf(wrong) !== step && <StepLink step={stepOf(wrong)} />}>
            <p>{t(ask.error === undefined ? "connect.notEnabled" : "connect.refused")}</p>
            <FaultText error={error} />
            <Words error={error} />
            {isEmptyCluster(error) && (
              <p>
                <Button
                  variant="default"
                  size="xs"
                  loading={busy}
                  onClick={() => {
                    enableIt(true);
                  }}
                >
                  {t("connect.allTheSame")}
                </Button>
              </p>
            )}
            {until > 0 && (
              <p>
                <Countdown key={until} until={until} says={(time) => t("integration.limited.until", { time })} over={t("integration.limited.over")} />
              </p>
            )}
          </Notice>
        </div>
      )}
      <Part
        draft={draft}
        strict={strict}
        wrong={wrong}
        onChange={(what) => {
          ask.forget();
          enable.forget();
          onChange((d) => change(d, what));
        }}
      />
      <div className={classes.buttons}>
        {before && (
          <Button variant="default" size="sm" renderRoot={(props) => <Link to="/connect/sysdig" search={(s) => ({ ...s, step: before })} {...props} />}>
            {t("connect.back")}
          </Button>
        )}
        <span className={classes.grow} />
        <Button type="submit" size="sm" loading={busy} disabled={waits}>
          {t(step === "summary" ? "connect.enable" : "connect.next")}
        </Button>
      </div>
    </form>
  );
}

function StepLink({ step }: { step: Step }) {
  const { t } = useTranslation();
  return (
    <Link to="/connect/sysdig" search={(s) => ({ ...s, step })}>
      {t("connect.correct")}
    </Link>
  );
}

/** What the server said. */
function Words({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!(error instanceof Problem) || error.status === 0) {
    return <p>{t("error.unreachable.text")}</p>;
  }
  return [error.message, ...error.parts].map((line) => (
    <p key={line} className={error.fault && "muted"}>
      {line}
    </p>
  ));
}
