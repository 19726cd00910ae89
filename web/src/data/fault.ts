/** What goes wrong with others that the server asks over the network, as it names it to programs; formats.md lists it too. */
export const faults = [
  "not-permitted",
  "unknown-host",
  "no-dns",
  "timeout",
  "connection-refused",
  "no-route",
  "connection-cut",
  "no-proxy",
  "proxy-sign-in",
  "certificate-name",
  "certificate-dates",
  "certificate-authority",
  "certificate-invalid",
  "no-tls",
  "tls",
  "token-refused",
  "token-forbidden",
  "no-such-api",
  "redirected",
  "too-many-requests",
  "their-fault",
  "request-not-accepted",
  "empty-cluster",
] as const;

export type Fault = (typeof faults)[number];

const prefix = "urn:crowsnest:problem:";

/** The fault that the type of a problem names; undefined of what this dashboard does not know. */
export function faultOf(type: string | undefined): Fault | undefined {
  return type?.startsWith(prefix) ? faults.find((fault) => fault === type.slice(prefix.length)) : undefined;
}
