import { useState } from "react";
import { fromField, toField } from "@/data/moment";
import classes from "./moment-field.module.css";

interface MomentFieldProps {
  label: string;
  value: Date | undefined;
  latest: Date;
  onChange: (at: Date) => void;
  /** Called when the field is emptied; without it, it goes back to what it was. */
  onClear?: () => void;
}

/** A date and a time; taken over when the field is left or Enter is pressed, not with every digit. */
export function MomentField({ label, value, latest, onChange, onClear }: MomentFieldProps) {
  const known = value === undefined ? "" : toField(value);
  const [typed, setTyped] = useState(known);
  const [before, setBefore] = useState(known);
  if (known !== before) {
    // The address changed. The field stays the same one, and keeps the focus.
    setBefore(known);
    setTyped(known);
  }
  const take = () => {
    const at = fromField(typed);
    if (at !== undefined && typed !== known) {
      onChange(at);
    } else if (typed === "" && known !== "") {
      onClear?.();
    }
  };
  return (
    <label className={classes.moment}>
      <span>{label}</span>
      <input
        type="datetime-local"
        max={toField(latest)}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            take();
          }
        }}
      />
    </label>
  );
}
