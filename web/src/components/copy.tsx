import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Copies a text and says so for a moment. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => {
      setCopied(false);
    }, 1500);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const what = copied ? t("action.copied") : (label ?? t("action.copy"));
  return (
    <Tooltip label={what}>
      <ActionIcon
        className="no-print copy"
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={what}
        onClick={() => {
          // Without HTTPS there may be no clipboard; the text can still be selected.
          void (navigator.clipboard as Clipboard | undefined)?.writeText(text).then(() => {
            setCopied(true);
          });
        }}
      >
        {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
