import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { coverageQuery } from "@/data/coverage";
import type { InUse } from "@/data/images";
import { integrationsQuery } from "@/data/integrations";
import { useFormat } from "@/i18n/format";
import { Ago } from "./ago";
import classes from "./in-use.module.css";
import { InUseSign } from "./status";

/** Where something runs, and what run time says of it there, if that is told for each place. */
export interface Place {
  environment: string;
  state?: InUse | undefined;
}

interface InUseProps {
  state: InUse;
  /** Where it runs, as far as that is known. */
  places?: readonly Place[];
  /** Called when it is pressed, to ask for what only the explanation needs. */
  onOpen?: () => void;
}

/** Whether a package is in use; pressed, what that means and where, by what and as of when it was seen. */
export function InUseState({ state, places = [], onOpen }: InUseProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} width={320} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={`${classes.button ?? ""} prints`}
          onClick={() => {
            setOpen(!open);
            onOpen?.();
          }}
        >
          <InUseSign state={state} />
        </button>
      </Popover.Target>
      <Popover.Dropdown>{open && <Explanation state={state} places={places} />}</Popover.Dropdown>
    </Popover>
  );
}

function Explanation({ state, places }: { state: InUse; places: readonly Place[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: report } = useQuery(coverageQuery);
  const { data: integrations } = useQuery(integrationsQuery);
  return (
    <div className={classes.text}>
      <p>{t(`inUse.about.${state}`)}</p>
      {places.length > 0 && (
        <>
          <p className="muted">{t("inUse.where")}</p>
          <ul>
            {places.map((place) => {
              const by = integrations?.filter((i) => i.environment === place.environment).map((i) => i.name) ?? [];
              const asOf = report?.environments.find((e) => e.name === place.environment)?.asOf;
              return (
                <li key={place.environment}>
                  <Link to="/environments/$name" params={{ name: place.environment }}>
                    {place.environment}
                  </Link>
                  {place.state !== undefined && <InUseSign state={place.state} />}
                  {by.length > 0 && <span>{t("inUse.by", { integrations: format.list(by) })}</span>}
                  {asOf !== undefined && (
                    <span className="muted">
                      {t("environment.asOf")} <Ago at={asOf} />
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
