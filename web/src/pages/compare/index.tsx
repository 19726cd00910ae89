import { ActionIcon } from "@mantine/core";
import { IconArrowsDiff, IconArrowsLeftRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MomentField } from "@/components/moment-field";
import { Page, Section } from "@/components/page";
import { State } from "@/components/state";
import { compareEnvironmentsQuery, compareImagesQuery, isOfImages, type ComparedSide, type Sides } from "@/data/compare";
import { moment, written } from "@/data/moment";
import classes from "./compare.module.css";
import { ComparedEnvironments } from "./environments";
import { ComparedImages } from "./images";
import { SidePicker, type Choice } from "./picker";

/** Compares what the address names: images, or environments. */
export function ComparePage() {
  const { t } = useTranslation();
  const sides = useSearch({ from: "/app/compare" });
  const ofImages = isOfImages(sides);
  const environments = ofImages ? undefined : compareEnvironmentsQuery(sides, sides.state);
  return (
    <Page title={t("compare.pageTitle")} lead={t("compare.lead")}>
      <Pickers sides={sides} />
      {ofImages && <ComparedImages sides={sides} />}
      {environments && <ComparedEnvironments query={environments} after={sides.from ?? ""} before={sides.toEnvironment ?? ""} at={sides.at} />}
      {!ofImages && !environments && (
        <Section>
          <State icon={<IconArrowsDiff size={28} stroke={1.5} aria-hidden />} title={t("compare.choose.title")}>
            {t("compare.choose.text")}
          </State>
        </Section>
      )}
    </Page>
  );
}

/** What of the address says how the answer is shown ends with another question. */
const anew = { tab: undefined, change: undefined, severity: undefined, q: undefined, state: undefined };

function Pickers({ sides }: { sides: Sides }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/compare" });
  // Of when the page was opened, so that what is chosen does not drift while one looks.
  const [now] = useState(() => new Date());
  const go = (to: Sides) => void navigate({ search: (s) => ({ environment: s.environment, ...anew, ...sides, ...to }) });
  // The same answer as below, of which the field takes the names.
  const { data: known } = useQuery(compareImagesQuery(sides));
  const nameOf = (side: ComparedSide | undefined) => (side?.images.length === 1 ? side.images[0]?.name : undefined);

  const after: Choice | undefined =
    sides.image !== undefined ? { kind: "image", key: sides.image } : sides.from !== undefined ? { kind: "environment", name: sides.from } : undefined;
  const before: Choice | undefined =
    sides.to !== undefined ? { kind: "image", key: sides.to } : sides.toEnvironment !== undefined ? { kind: "environment", name: sides.toEnvironment } : sides.toLatest ? { kind: "latest" } : undefined;
  const ofEnvironment = after?.kind === "environment";
  const canSwap = (after?.kind === "image" && before?.kind === "image") || (ofEnvironment && before?.kind === "environment" && sides.at === undefined);
  return (
    <Section padded>
      <div className={`${classes.sides ?? ""} no-print`}>
        <SidePicker
          label={t("compare.after")}
          value={after}
          imageName={nameOf(known?.after)}
          kinds={["environment", "image"]}
          onChange={(c) => {
            if (c.kind === "environment") {
              go({ from: c.name, image: undefined, to: undefined, toLatest: undefined });
            } else if (c.kind === "image") {
              go({ image: c.key, from: undefined });
            }
          }}
        />
        <ActionIcon
          variant="default"
          size="md"
          aria-label={t("compare.swap")}
          title={t("compare.swap")}
          disabled={!canSwap}
          onClick={() => {
            go(ofEnvironment ? { from: sides.toEnvironment, toEnvironment: sides.from } : { image: sides.to, to: sides.image });
          }}
        >
          <IconArrowsLeftRight size={15} aria-hidden />
        </ActionIcon>
        <SidePicker
          label={t("compare.before")}
          value={before}
          imageName={nameOf(known?.before)}
          kinds={ofEnvironment ? ["environment"] : ["latest", "environment", "image"]}
          onChange={(c) => {
            go({
              to: c.kind === "image" ? c.key : undefined,
              toEnvironment: c.kind === "environment" ? c.name : undefined,
              toLatest: c.kind === "latest" ? true : undefined,
              ...(c.kind !== "environment" && { at: undefined }),
            });
          }}
        />
      </div>
      {before?.kind === "environment" && (
        <div className={`${classes.then ?? ""} no-print`}>
          <MomentField
            label={t("compare.asItWas")}
            value={sides.at === undefined ? undefined : moment(sides.at)}
            latest={now}
            onChange={(at) => {
              go({ at: written(at > now ? now : at) });
            }}
            onClear={() => {
              go({ at: undefined });
            }}
          />
        </div>
      )}
    </Section>
  );
}
