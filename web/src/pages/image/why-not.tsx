import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/icon-button";
import { IconX } from "@tabler/icons-react";
import { Section } from "@/components/page";
import { WhyOf } from "@/components/why";
import { longestVulnerability } from "@/data/why";
import classes from "./image.module.css";

interface WhyNotProps {
  digest: string;
  environment: string | undefined;
  /** What was asked last; it is in the address. */
  asked: string | undefined;
  onAsk: (vulnerability: string) => void;
  onClose: () => void;
}

/** Asks of any vulnerability why an image has it, or has not. */
export function WhyNot({ digest, environment, asked, onAsk, onClose }: WhyNotProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(asked ?? "");
  const [known, setKnown] = useState(asked);
  if (asked !== known) {
    // The address changed for another reason: a link, or back.
    setKnown(asked);
    setTyped(asked ?? "");
  }
  return (
    <Section
      title={t("why.not.title")}
      padded
      aside={
        <IconButton label={t("action.close")} onClick={onClose}>
          <IconX size={15} aria-hidden />
        </IconButton>
      }
    >
      <div className={classes.asking}>
        <form
          className={`${classes.question ?? ""} no-print`}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== "") {
              onAsk(typed.trim());
            }
          }}
        >
          <TextInput
            size="xs"
            label={t("why.not.label")}
            description={t("why.not.about")}
            autoComplete="off"
            spellCheck={false}
            maxLength={longestVulnerability}
            // It was asked for with a press of a button, and the answer belongs into it.
            data-autofocus
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
            }}
          />
          <Button type="submit" size="xs" disabled={typed.trim() === ""}>
            {t("why.not.submit")}
          </Button>
        </form>
        {asked !== undefined && <WhyOf key={asked} digest={digest} vulnerability={asked} environment={environment} />}
      </div>
    </Section>
  );
}
