import { issuers, type Trust } from "@/data/trusts";

/** What a pipeline is written for. */
export const forges = ["github", "gitlab"] as const;
export type Forge = (typeof forges)[number];

/** The forge whose pipelines a trust is most likely for: an issuer of one's own may be either. */
export function forgeOf(issuer: string): Forge {
  return issuer === issuers.github || /github|actions/i.test(issuer) ? "github" : "gitlab";
}

type Part = Pick<Trust, "environment" | "ref" | "scopes">;

/** Text as a YAML scalar: JSON's strings are strings of YAML too. */
function scalar(text: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|[\d.]+)$/i.test(text) ? text : JSON.stringify(text);
}

/** A pipeline that exchanges the identity of its job for a token and has an image analysed with it. */
export function snippetFor(forge: Forge, trust: Part, server: string): string {
  return (forge === "github" ? github : gitlab)(trust, server);
}

/** When a pipeline of GitHub's should run for the ref; a tag, a branch, or any push. */
function trigger(ref: string): string {
  const [, kind, name = ""] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined) {
    return "push";
  }
  return `{ push: { ${kind === "heads" ? "branches" : "tags"}: [${JSON.stringify(name)}] } }`;
}

function github({ environment, ref, scopes }: Part, server: string): string {
  const mayUpload = scopes.includes("upload") || scopes.includes("write");
  return [
    "# .github/workflows/crowsnest.yml",
    "name: crowsnest",
    `on: ${trigger(ref)}`,
    "permissions:",
    "  id-token: write",
    "jobs:",
    "  crowsnest:",
    "    runs-on: ubuntu-latest",
    ...(environment === "" ? [] : [`    environment: ${scalar(environment)}`]),
    "    env:",
    `      CROWSNEST_SERVER: ${server}`,
    "    steps:",
    "      - run: |",
    '          identity=$(curl -fsS -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\',
    '            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$CROWSNEST_SERVER" | jq -r .value)',
    "          token=$(jq -n --arg token \"$identity\" '{$token}' |",
    '            curl -fsS "$CROWSNEST_SERVER/api/v1/token-exchange" --json @- | jq -r .token)',
    '          echo "::add-mask::$token"',
    ...(mayUpload
      ? ['          curl -fsS "$CROWSNEST_SERVER/api/v1/analyses" -H "Authorization: Bearer $token" \\', `            --json '{"reference": "ghcr.io/OWNER/NAME:TAG"}'`]
      : ['          curl -fsS "$CROWSNEST_SERVER/api/v1/images" -H "Authorization: Bearer $token"']),
    "",
  ].join("\n");
}

function gitlab({ environment, ref, scopes }: Part, server: string): string {
  const mayUpload = scopes.includes("upload") || scopes.includes("write");
  const [, kind, name = ""] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const only = kind === undefined || name.includes("*") ? undefined : `$CI_COMMIT_${kind === "heads" ? "BRANCH" : "TAG"} == ${JSON.stringify(name)}`;
  return [
    "# .gitlab-ci.yml",
    "crowsnest:",
    ...(environment === "" ? [] : [`  environment: ${scalar(environment)}`]),
    ...(only === undefined ? [] : ["  rules:", `    - if: ${JSON.stringify(only)}`]),
    "  variables:",
    `    CROWSNEST_SERVER: ${server}`,
    "  id_tokens:",
    "    IDENTITY:",
    `      aud: ${server}`,
    "  script:",
    "    - |",
    "      token=$(jq -n --arg token \"$IDENTITY\" '{$token}' |",
    '        curl -fsS "$CROWSNEST_SERVER/api/v1/token-exchange" --json @- | jq -r .token)',
    ...(mayUpload
      ? [
          '      curl -fsS "$CROWSNEST_SERVER/api/v1/analyses" -H "Authorization: Bearer $token" \\',
          '        --json "{\\"reference\\": \\"$CI_REGISTRY_IMAGE:$CI_COMMIT_REF_SLUG\\"}"',
        ]
      : ['      curl -fsS "$CROWSNEST_SERVER/api/v1/images" -H "Authorization: Bearer $token"']),
    "",
  ].join("\n");
}
