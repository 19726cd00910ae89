import { useTranslation } from "react-i18next";
import classes from "./shell.module.css";

/** What was typed while the palette was loading. */
export interface Typed {
  text: string;
  /** Whether Enter was pressed: what will be found is meant. */
  entered: boolean;
}

/** Stands where the palette will be while its code is loading, and takes what is typed. */
export function PaletteWaiting({ onType, onClose }: { onType: (typed: Typed) => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.waiting} role="dialog" aria-modal aria-label={t("palette.open")} aria-busy>
      <input
        ref={focus}
        aria-label={t("palette.open")}
        placeholder={t("palette.placeholder")}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          onType({ text: event.currentTarget.value, entered: false });
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            onClose();
          } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            onType({ text: event.currentTarget.value, entered: true });
          }
        }}
      />
    </div>
  );
}

/** Takes the focus as soon as it is there, behind what is typed in it. */
export function focus(input: HTMLInputElement | null): void {
  input?.focus();
  input?.setSelectionRange(input.value.length, input.value.length);
}
