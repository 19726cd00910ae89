/**
 * The policies that every organisation begins with, by type, in the words in which the server makes them. Where one still has these
 * words, the catalogues have them in each language; what people wrote stays as it is. They are here beside the English catalogue,
 * with which a test compares them, because no other language loads that.
 */
export const firstPolicies = {
  "fixable-vulnerabilities": {
    name: "No fixable critical or high vulnerabilities",
    about: "No vulnerability of the given severities has a fixed version, or has had for long enough.",
  },
  "high-profile-vulnerabilities": {
    name: "No high-profile vulnerabilities",
    about: "No vulnerability is on the list of widely known ones or in CISA's catalogue of those that are exploited.",
  },
  "supply-chain-attestations": {
    name: "Supply chain attestations",
    about: "The image has an SBOM and full provenance attested.",
  },
  "approved-base-image": {
    name: "No unapproved base images",
    about: "The base image fits one of the patterns, and the release of its distribution is still fixed.",
  },
  "up-to-date-base-image": {
    name: "No outdated base images",
    about: "The tag that the image is built on still names the image it was built on.",
  },
  "default-non-root-user": {
    name: "Default non-root user",
    about: "The image does not run as root unless it is told to.",
  },
  licences: {
    name: "No AGPL v3 licences",
    about: "No package is only to be had under one of the listed licences.",
  },
  "in-use-vulnerabilities": {
    name: "No critical or high vulnerabilities in use",
    about: "No vulnerability of the given severities is in a package that was seen loaded.",
  },
  "overdue-vulnerabilities": {
    name: "No overdue vulnerabilities",
    about: "No vulnerability is exposed for longer than the organisation's targets for remediation permit.",
  },
} as const;

export type FirstPolicy = keyof typeof firstPolicies;

const types = Object.keys(firstPolicies) as FirstPolicy[];
const byName = new Map<string, FirstPolicy>(types.map((type) => [firstPolicies[type].name, type]));
const byDescription = new Map<string, FirstPolicy>(types.map((type) => [firstPolicies[type].about, type]));

/** The first policy that has this name; undefined if people gave it. */
export function firstNamed(name: string): FirstPolicy | undefined {
  return byName.get(name);
}

/** The first policy that is described so; undefined if people wrote it. */
export function firstDescribed(description: string): FirstPolicy | undefined {
  return byDescription.get(description);
}
