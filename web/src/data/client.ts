import createClient, { type Middleware } from "openapi-fetch";
import { noteServerTime } from "./clock";
import { Problem, problemFrom } from "./problem";
import type { paths } from "./schema";

/** Where the server put the dashboard: "" or "/some/path", see index.html. */
export const basePath = new URL(".", document.baseURI).pathname.replace(/\/$/, "");

const signedOut = new Set<() => void>();

/** Calls `listener` when the session is over, by wish or because the server says so; the answer ends that. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export function announceSignedOut(): void {
  for (const listener of signedOut) {
    listener();
  }
}

/** Where a 401 says that what was just given is wrong, or that nobody is signed in, which is no news. */
const aboutSession = /\/api\/v1\/(session|links\/(inspect|redeem))$/;

const gate: Middleware = {
  onResponse({ request, response }) {
    noteServerTime(response.headers.get("Date"));
    if (response.status === 401 && !aboutSession.test(new URL(request.url).pathname)) {
      announceSignedOut();
    }
  },
};

/** The one way to the API. Only files in this folder use it. */
export const api = createClient<paths>({
  baseUrl: new URL(basePath === "" ? "/" : basePath, document.baseURI).href.replace(/\/$/, ""),
  credentials: "same-origin",
  // Lists are separated by commas, as the API's description says.
  querySerializer: { array: { style: "form", explode: false } },
});
api.use(gate);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; throws a {@link Problem} for every other outcome. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Problem(0, error instanceof Error ? error.message : "");
  }
  if (!answer.response.ok) {
    throw problemFrom(answer.response.status, answer.error, Number(answer.response.headers.get("Retry-After") ?? 0));
  }
  return answer.data as T;
}
