import type { VulnerabilitySource } from "./vulnerabilities";

const pages: [RegExp, (id: string, rest: string) => string][] = [
  [/^CVE-/, (id) => `https://nvd.nist.gov/vuln/detail/${id}`],
  [/^GHSA-/, (id) => `https://github.com/advisories/${id}`],
  [/^GO-/, (id) => `https://pkg.go.dev/vuln/${id}`],
  [/^RUSTSEC-/, (id) => `https://rustsec.org/advisories/${id}.html`],
  [/^DEBIAN-(?=CVE-)/, (_, rest) => `https://security-tracker.debian.org/tracker/${rest}`],
  [/^D[SL]A-/, (id) => `https://security-tracker.debian.org/tracker/${id}`],
  [/^UBUNTU-(?=CVE-)/, (_, rest) => `https://ubuntu.com/security/${rest}`],
  [/^USN-/, (id) => `https://ubuntu.com/security/notices/${id}`],
  [/^ALPINE-(?=CVE-)/, (_, rest) => `https://security.alpinelinux.org/vuln/${rest}`],
  [/^RH[SBE]A-/, (id) => `https://access.redhat.com/errata/${id}`],
];

/** The page on which whoever published an advisory tells of it; OSV's of those whose own page is not known. */
export function pageOf(id: string): string {
  const safe = encodeURIComponent(id).replaceAll("%3A", ":");
  for (const [sign, page] of pages) {
    if (sign.test(safe)) {
      return page(safe, safe.replace(sign, ""));
    }
  }
  return `https://osv.dev/vulnerability/${safe}`;
}

export interface Span {
  /** The first affected version; undefined is any before. */
  introduced: string | undefined;
  /** The first that is not affected any more, or the last that is. Neither where no fix is known. */
  fixed?: string;
  last?: string;
}

type Events = VulnerabilitySource["affected"][number]["ranges"][number]["events"];

/** The spans of versions that the events of a range begin and end. */
export function spansOf(events: Events): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const { introduced, fixed, lastAffected } of events) {
    if (introduced !== undefined) {
      open = { introduced: introduced === "0" ? undefined : introduced };
      spans.push(open);
    } else if (open && fixed !== undefined) {
      open.fixed = fixed;
      open = undefined;
    } else if (open && lastAffected !== undefined) {
      open.last = lastAffected;
      open = undefined;
    }
  }
  return spans;
}
