import { serverNow } from "./clock";
import { faultOf, type Fault } from "./fault";

/** An answer of the API that is not the one asked for, or the lack of any. */
export class Problem extends Error {
  /** The HTTP status; 0 if the server did not answer. */
  readonly status: number;
  /** What the server says to the parts of the request it refused. */
  readonly parts: readonly string[];
  /** The fields of the request's body that are to be corrected, as far as the server names them. */
  readonly fields: readonly string[];
  /** What went wrong with somebody whom the server asked; undefined if it names none. */
  readonly fault: Fault | undefined;
  /** Seconds after which the same may be asked again; 0 if the server named none. */
  readonly retryAfter: number;
  /** When that is over by {@link serverNow}, in milliseconds since 1970; 0 if the server named none. */
  readonly until: number;

  constructor(status: number, detail: string, { parts = [], fields = [], fault, retryAfter = 0 }: { parts?: readonly string[]; fields?: readonly string[]; fault?: Fault | undefined; retryAfter?: number } = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.parts = parts;
    this.fields = fields;
    this.fault = fault;
    this.retryAfter = Number.isFinite(retryAfter) ? retryAfter : 0;
    this.until = this.retryAfter > 0 ? serverNow() + this.retryAfter * 1000 : 0;
  }
}

export type ProblemKind = "unreachable" | "signed-out" | "forbidden" | "missing" | "refused" | "broken";

/** What a page should show for an error, whatever threw it. */
export function kindOf(error: unknown): ProblemKind {
  if (!(error instanceof Problem)) {
    return "broken";
  }
  switch (error.status) {
    case 0:
      return "unreachable";
    case 401:
      return "signed-out";
    case 403:
      return "forbidden";
    case 404:
      return "missing";
    case 400:
    case 422:
      return "refused";
    default:
      return "broken";
  }
}

interface Body {
  type?: string;
  title?: string;
  detail?: string;
  errors?: { location?: string; message?: string }[];
}

function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null;
}

/** The problem an answer describes; answers of proxies in between describe none. */
export function problemFrom(status: number, body: unknown, retryAfter = 0): Problem {
  if (!isBody(body)) {
    return new Problem(status, "", { retryAfter });
  }
  const errors = body.errors ?? [];
  // Where only the place is given, the detail of the whole says what is wrong there.
  const parts = errors.flatMap((e) => (e.message ? [[e.location, e.message].filter(Boolean).join(": ")] : []));
  const fields = errors.flatMap((e) => /^body\.([\w.]+)/.exec(e.location ?? "")?.[1] ?? []);
  return new Problem(status, body.detail ?? body.title ?? "", { parts, fields, fault: faultOf(body.type), retryAfter });
}
