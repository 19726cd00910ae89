import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useText } from "@/i18n/format";
import { IconButton } from "./icon-button";

/** Copies a text and says so for a moment. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useText();
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
  return (
    <IconButton
      className="no-print copy"
      label={copied ? t("action.copied") : (label ?? t("action.copy"))}
      onClick={() => {
        // Without HTTPS there may be no clipboard; the text can still be selected.
        void (navigator.clipboard as Clipboard | undefined)?.writeText(text).then(() => {
          setCopied(true);
        });
      }}
    >
      {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
    </IconButton>
  );
}
