import createClient, { type Middleware } from "openapi-fetch";
import { authorize, isSignedIn, signOut } from "./credential";
import { Problem, problemFrom } from "./problem";
import type { paths } from "./schema";

/** Where the server put the dashboard: "" or "/some/path", see index.html. */
export const basePath = new URL(".", document.baseURI).pathname.replace(/\/$/, "");

const gate: Middleware = {
  onRequest({ request }) {
    authorize(request.headers);
    if (request.method !== "GET" && request.method !== "HEAD") {
      // A form of another site cannot send this header; the server may insist on it once
      // cookies are what lets a request in.
      request.headers.set("X-Requested-With", "crowsnest");
    }
    return request;
  },
  onResponse({ response }) {
    if (response.status === 401 && isSignedIn()) {
      signOut();
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
    throw problemFrom(answer.response.status, answer.error);
  }
  return answer.data as T;
}
