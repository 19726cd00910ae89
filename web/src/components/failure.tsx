import { Notice } from "./status";

/** Why something could not be done, in the server's words, below what it was; nothing without an error. */
export function Failure({ error, what }: { error: unknown; what?: string }) {
  if (!(error instanceof Error)) {
    return null;
  }
  return (
    <div role="alert">
      <Notice tone="bad">
        {what !== undefined && <p>{what}</p>}
        <p>{error.message}</p>
      </Notice>
    </div>
  );
}
