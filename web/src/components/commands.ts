/** Lines for the terminal: the same in every language. */
export const commands = {
  serve: "crowsnest serve",
  adminLink: "crowsnest admin link --owner",
  importAdvisories: "crowsnest advisory import https://osv-vulnerabilities.storage.googleapis.com --ecosystem Debian,npm,Go",
  connectSysdig:
    "crowsnest integration configure sysdig --name prod-eu --parameter region=eu1 --parameter token=@token.txt --parameter cluster=prod-eu --parameter environment=production",
} as const;
