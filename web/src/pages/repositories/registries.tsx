import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/components/ago";
import { Section } from "@/components/page";
import { IntegrationState } from "@/components/status";
import type { Registry } from "@/data/push";
import { useMay } from "@/data/session";
import { useFormat } from "@/i18n/format";
import { BackfillDialog } from "./backfill";
import classes from "./repositories.module.css";

/** The connected registries and how it goes with them; what can be done is on the page of each. */
export function Registries({ registries }: { registries: Registry[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t("repositories.registries")}>
      <ul className={classes.registries}>
        {registries.map((r) => (
          <Row key={r.name} registry={r} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ registry: r }: { registry: Registry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const editor = useMay("write");
  const [fills, setFills] = useState(false);
  return (
    <li className={classes.registry}>
      <div className={classes.about}>
        <Link to="/integrations/registries/$name" params={{ name: r.name }}>
          <strong>{r.name}</strong>
        </Link>{" "}
        <span className="muted">{r.host}</span>
        <p className="muted">
          {t("repositories.enabledOf", { enabled: format.number(r.enabled), found: format.number(r.found) })} · {t(r.hook ? "repositories.hooked" : "repositories.polled")}
          {r.listed && (
            <>
              {" "}
              · {t("repositories.listed")} <Ago at={r.listed} />
            </>
          )}
        </p>
        {r.reason !== undefined && r.reason !== "" && <p>{r.reason}</p>}
      </div>
      <IntegrationState state={r.state === "failed" ? "failing" : r.state} />
      {editor && r.enabled > 0 && (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={t("repositories.backfill.of", { name: r.name })}
          onClick={() => {
            setFills(true);
          }}
        >
          {t("repositories.backfill.button")}
        </Button>
      )}
      {fills && (
        <BackfillDialog
          scope={{ registry: r.name, all: true }}
          onClose={() => {
            setFills(false);
          }}
        />
      )}
    </li>
  );
}
