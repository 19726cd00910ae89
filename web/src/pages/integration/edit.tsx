import { Autocomplete, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Advanced } from "@/components/advanced";
import { CertificateInput } from "@/components/certificate-input";
import { Countdown, useSecondsUntil } from "@/components/countdown";
import { Dialog } from "@/components/dialog";
import { FaultText } from "@/components/fault";
import { Notice } from "@/components/status";
import { TokenInput } from "@/components/token-input";
import { useEnvironmentNames } from "@/data/coverage";
import { change, customRegion, forgetWhatRuns, impactQuery, isEmptyCluster, type Integration, type IntegrationChange } from "@/data/integrations";
import { Problem } from "@/data/problem";
import { useTask } from "@/data/task";
import { goDuration, useFormat } from "@/i18n/format";
import { ImpactNotice } from "./impact";
import classes from "@/components/form.module.css";

/** Intervals to choose from, in seconds. */
const intervals = [60, 300, 600, 900, 1800, 3600, 21_600];

/** Changes everything of an integration but its name. */
export function EditDialog({ integration: i, onClose }: { integration: Integration; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const names = useEnvironmentNames();
  const save = useTask<Integration>();
  const [environment, setEnvironment] = useState(i.environment);
  const [cluster, setCluster] = useState(i.cluster);
  const [interval, setInterval] = useState(String(goDuration(i.interval)));
  const [token, setToken] = useState<string>();
  const [apiToken, setApiToken] = useState("");
  const [dropsApiToken, setDropsApiToken] = useState(false);
  const [ca, setCa] = useState("");
  const [dropsCa, setDropsCa] = useState(false);
  const [analyse, setAnalyse] = useState(i.analyse);
  const [moved] = useDebouncedValue(environment.trim(), 300);
  const [pointed] = useDebouncedValue(cluster.trim(), 300);
  const differs = (is: string, was: string) => is !== "" && is !== was;
  const moves = differs(moved, i.environment) || differs(pointed, i.cluster);
  const impact = useQuery({ ...impactQuery(i.name, { environment: moved, cluster: pointed }), enabled: moves });

  const what: IntegrationChange = {
    ...(environment.trim() !== i.environment && { environment: environment.trim() }),
    ...(cluster.trim() !== i.cluster && { cluster: cluster.trim() }),
    ...(Number(interval) !== goDuration(i.interval) && { interval: `${interval}s` }),
    ...(token !== undefined && token.trim() !== "" && { token: token.trim() }),
    ...(dropsApiToken ? { apiToken: "" } : apiToken.trim() !== "" && { apiToken: apiToken.trim() }),
    ...(analyse !== i.analyse && { analyse }),
    ...(dropsCa ? { ca: "" } : ca.trim() !== "" && { ca: ca.trim() }),
  };
  // Certificates say whom the token is sent to, so that it is given anew with them.
  const needsToken = what.ca !== undefined && what.token === undefined;
  const known = goDuration(i.interval);
  const until = save.error instanceof Problem ? save.error.until : 0;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The form may be longer than the window: what was refused and why stands at its end.
    if (save.error !== undefined) {
      end.current?.scrollIntoView({ block: "nearest" });
    }
  }, [save.error]);
  const waits = useSecondsUntil(until) > 0;
  const wrong = (field: keyof IntegrationChange) => until === 0 && save.error instanceof Problem && save.error.fields.includes(field);
  const send = (allowEmpty: boolean) => {
    void save.run(
      () => change(i.name, { ...what, ...(allowEmpty && { allowEmpty }) }),
      () => {
        forgetWhatRuns(client);
        onClose();
      },
    );
  };
  const words = save.error instanceof Problem ? [save.error.message, ...save.error.parts] : [];
  return (
    <Dialog title={t("integration.edit.title", { name: i.name })} onClose={onClose}>
      <form
        className={classes.form}
        autoComplete="off"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send(false);
        }}
      >
        <Autocomplete
          label={t("environment.one")}
          description={t("integration.edit.environment")}
          data={names}
          // What it is now is no search: all are offered until one types something else.
          filter={({ options, search }) => (search === i.environment ? options : options.filter((o) => "value" in o && o.value.toLowerCase().includes(search.trim().toLowerCase())))}
          openOnFocus={false}
          maxLength={128}
          data-autofocus
          value={environment}
          error={wrong("environment")}
          onChange={setEnvironment}
        />
        <TextInput
          label={t("workload.cluster")}
          description={t("integration.edit.cluster")}
          autoComplete="off"
          spellCheck={false}
          maxLength={512}
          value={cluster}
          error={wrong("cluster")}
          onChange={(event) => {
            setCluster(event.currentTarget.value);
          }}
        />
        {moves && <ImpactNotice query={impact} />}
        <Select
          label={t("integration.interval")}
          allowDeselect={false}
          data={[...new Set([...intervals, known])].sort((a, b) => a - b).map((s) => ({ value: String(s), label: format.duration(s) }))}
          value={interval}
          onChange={(value) => {
            setInterval(value ?? String(known));
          }}
        />
        <Checkbox
          size="xs"
          label={t("integration.analyse.label")}
          description={t("integration.analyse.about")}
          checked={analyse}
          onChange={(event) => {
            setAnalyse(event.currentTarget.checked);
          }}
        />
        {token === undefined && what.ca === undefined ? (
          <div>
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                setToken("");
              }}
            >
              {t("integration.edit.replace")}
            </Button>
          </div>
        ) : (
          <TokenInput label={t("integration.edit.token")} description={t("connect.token.about")} value={token ?? ""} error={needsToken ? t("integration.edit.tokenToo") : wrong("token")} onChange={setToken} />
        )}
        <Advanced title={t("connect.advanced")} unfold={wrong("ca") || wrong("apiToken")}>
          {i.region === customRegion && (
            <>
              <CertificateInput label={t("connect.ca.label")} description={t("integration.edit.ca")} value={ca} error={wrong("ca")} onChange={setCa} />
              {i.ca && (
                <Checkbox
                  size="xs"
                  label={t("integration.edit.dropCa")}
                  checked={dropsCa}
                  onChange={(event) => {
                    setDropsCa(event.currentTarget.checked);
                  }}
                />
              )}
            </>
          )}
          <TokenInput label={t("connect.apiToken.label")} description={t("connect.apiToken.about")} value={apiToken} error={wrong("apiToken")} onChange={setApiToken} />
          {i.apiAccess && (
            <Checkbox
              size="xs"
              label={t("integration.edit.dropApiToken")}
              checked={dropsApiToken}
              onChange={(event) => {
                setDropsApiToken(event.currentTarget.checked);
              }}
            />
          )}
        </Advanced>
        {save.error !== undefined && (
          <div role="alert">
            <Notice tone={until > 0 ? "warn" : "bad"}>
              <p>{t("integration.edit.failed")}</p>
              <FaultText error={save.error} />
              {words.map((line) => (
                <p key={line}>{line}</p>
              ))}
              {isEmptyCluster(save.error) && (
                <p>
                  <Button
                    variant="default"
                    size="xs"
                    loading={save.isPending}
                    onClick={() => {
                      send(true);
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
        <div className={classes.buttons} ref={end}>
          <Button variant="default" size="xs" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" size="xs" loading={save.isPending} disabled={waits || Object.keys(what).length === 0 || needsToken || environment.trim() === "" || cluster.trim() === ""}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
