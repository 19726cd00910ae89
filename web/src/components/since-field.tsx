import { useTranslation } from "react-i18next";
import { moment, written } from "@/data/moment";
import { useNow } from "./ago";
import { MomentField } from "./moment-field";

interface SinceProps {
  value: string | undefined;
  onChange: (since: string | undefined) => void;
}

/** From when on a list begins, never in the future; emptied, it is the usual. */
export function SinceField({ value, onChange }: SinceProps) {
  const { t } = useTranslation();
  const now = new Date(useNow());
  return (
    <MomentField
      label={t("news.since")}
      value={value === undefined ? undefined : moment(value)}
      latest={now}
      onChange={(at) => {
        onChange(written(at > now ? now : at));
      }}
      onClear={() => {
        onChange(undefined);
      }}
    />
  );
}
