import { listOf, type Registry, type RegistryChange } from "@/data/push";
import { goDuration } from "@/i18n/format";

/** What is typed to change a registry. */
export interface Draft {
  enable: string;
  include: string;
  exclude: string;
  repositories: string;
  namespace: string;
  api: string;
  secret: string;
  /** Certificates that take the place of those that are trusted; empty to keep them. */
  ca: string;
  /** Whether those that are trusted go. */
  dropsCa: boolean;
  /** In seconds. */
  interval: number;
}

export function draftOf(r: Registry): Draft {
  return {
    enable: r.enable.join(", "),
    include: r.include.join(", "),
    exclude: r.exclude.join(", "),
    repositories: r.repositories.join("\n"),
    namespace: r.namespace ?? "",
    api: r.api ?? "",
    secret: "",
    ca: "",
    dropsCa: false,
    interval: goDuration(r.interval),
  };
}

/** Whether the password or token is needed too: one is never sent to a place it was not given for. */
export function needsSecret(r: Registry, draft: Draft): boolean {
  return r.credentials && (draft.api.trim() !== (r.api ?? "") || draft.ca.trim() !== "" || draft.dropsCa);
}

/** What of a registry becomes another; nothing for what stays. */
export function changeOf(r: Registry, draft: Draft): RegistryChange {
  const what: RegistryChange = {};
  for (const name of ["enable", "include", "exclude", "repositories"] as const) {
    const list = listOf(draft[name]);
    if (list.join("\n") !== r[name].join("\n")) {
      what[name] = list;
    }
  }
  for (const name of ["namespace", "api"] as const) {
    if (draft[name].trim() !== (r[name] ?? "")) {
      what[name] = draft[name].trim();
    }
  }
  if (draft.interval !== goDuration(r.interval)) {
    what.interval = `${String(draft.interval)}s`;
  }
  if (draft.ca.trim() !== "" || draft.dropsCa) {
    what.ca = draft.ca.trim();
  }
  if (needsSecret(r, draft)) {
    what.secret = draft.secret.trim();
  }
  return what;
}
