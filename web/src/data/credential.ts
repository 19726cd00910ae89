/**
 * What the dashboard shows the API to be let in. Today it is a bearer token that lives
 * as long as the tab; when sessions by cookie come, only this module changes: there will
 * be nothing to keep, and `authorize` will add nothing.
 */
const key = "crowsnest.token";
const listeners = new Set<() => void>();

let token = sessionStorage.getItem(key);

function changed() {
  for (const listener of listeners) {
    listener();
  }
}

export function signIn(newToken: string): void {
  token = newToken;
  sessionStorage.setItem(key, newToken);
  changed();
}

export function signOut(): void {
  token = null;
  sessionStorage.removeItem(key);
  changed();
}

export function isSignedIn(): boolean {
  return token !== null;
}

/** Calls `listener` after each sign-in and sign-out; the answer ends that. */
export function onCredentialChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function authorize(headers: Headers): void {
  if (token !== null) {
    headers.set("Authorization", `Bearer ${token}`);
  }
}
