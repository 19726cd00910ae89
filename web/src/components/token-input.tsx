import { PasswordInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface TokenInputProps {
  label: string;
  description: string;
  value: string;
  error: ReactNode;
  onChange: (value: string) => void;
  "data-first"?: boolean;
}

/** A field for a secret of another service. It can be shown, and nothing remembers it. */
export function TokenInput({ onChange, ...props }: TokenInputProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      {...props}
      aria-invalid={Boolean(props.error)}
      // "off" alone is passed over by password managers, which would keep it as that of Crowsnest.
      autoComplete="off"
      data-1p-ignore
      data-lpignore="true"
      spellCheck={false}
      maxLength={4096}
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ "aria-label": t("connect.token.show") }}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
