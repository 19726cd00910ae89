import { Toggle } from "./filters";

interface LeftOutProps {
  label: string;
  /** Why it is left out, where the label does not tell. */
  about?: string;
  /** How much of it is left out; it is counted as long as it is not shown. */
  n: number;
  shown: boolean;
  onChange: (shown: true | undefined) => void;
}

/** Shows what a list leaves out; not there where it leaves out nothing. */
export function LeftOut({ label, about, n, shown, onChange }: LeftOutProps) {
  if (!shown && n === 0) {
    return null;
  }
  return (
    <Toggle
      pressed={shown}
      count={shown ? undefined : n}
      title={about}
      onChange={(on) => {
        onChange(on ? true : undefined);
      }}
    >
      {label}
    </Toggle>
  );
}
