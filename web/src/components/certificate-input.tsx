import { Button, FileButton, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./advanced.module.css";

/** What the API takes, in characters. */
const most = 65_536;

const beginning = "-----BEGIN CERTIFICATE-----";

interface CertificateInputProps {
  label: string;
  description: string;
  value: string;
  error: ReactNode;
  onChange: (value: string) => void;
}

/** Certificates in PEM form, pasted or from a file. What they are worth is for the server to say. */
export function CertificateInput({ value, error, onChange, ...texts }: CertificateInputProps) {
  const { t } = useTranslation();
  const [tooLarge, setTooLarge] = useState(false);
  return (
    <div className={classes.fields}>
      <Textarea
        {...texts}
        aria-invalid={Boolean(error) || tooLarge}
        placeholder={beginning}
        autoComplete="off"
        spellCheck={false}
        rows={4}
        maxLength={most}
        classNames={{ input: "mono" }}
        value={value}
        error={tooLarge ? t("connect.ca.tooLarge") : error}
        onChange={(event) => {
          setTooLarge(false);
          onChange(event.currentTarget.value);
        }}
      />
      <div>
        <FileButton
          accept=".pem,.crt,.cer,application/x-pem-file,application/x-x509-ca-cert"
          onChange={(file) => {
            if (file === null) {
              return;
            }
            setTooLarge(file.size > most);
            if (file.size <= most) {
              void file.text().then(onChange);
            }
          }}
        >
          {(props) => (
            <Button {...props} variant="default" size="xs">
              {t("connect.ca.file")}
            </Button>
          )}
        </FileButton>
      </div>
    </div>
  );
}
