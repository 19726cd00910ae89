/** Lines for the terminal: the same in every language. */
export const commands = {
  serve: "crowsnest serve",
  adminLink: "crowsnest admin link --owner",
  importAdvisories: "crowsnest advisory import https://osv-vulnerabilities.storage.googleapis.com --ecosystem Debian,npm,Go",
} as const;
