import { createHash, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Issuer {
  url: string;
  stop: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
  }
  return new URLSearchParams(text);
}

/** A provider of identities: it signs in whoever comes as `person`, with PKCE and real signatures. */
export async function startIssuer(person: Record<string, unknown>): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map<string, URLSearchParams>();
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const sign = (claims: Record<string, unknown>) => {
    const text = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(claims)}`;
    return `${text}.${createSign("sha256").update(text).sign(privateKey, "base64url")}`;
  };
  let url = "";
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? "/", url);
    const json = (value: unknown) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));
    const leadTo = (address: string) => response.writeHead(302, { Location: address }).end();
    switch (at.pathname) {
      case "/.well-known/openid-configuration":
        json({
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/keys`,
          end_session_endpoint: `${url}/end`,
        });
        return;
      case "/keys":
        json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
        return;
      case "/authorize": {
        const code = randomUUID();
        codes.set(code, at.searchParams);
        leadTo(`${at.searchParams.get("redirect_uri") ?? ""}?${new URLSearchParams({ code, state: at.searchParams.get("state") ?? "" }).toString()}`);
        return;
      }
      case "/token":
        void bodyOf(request).then((given) => {
          const asked = codes.get(given.get("code") ?? "");
          codes.delete(given.get("code") ?? "");
          const challenge = createHash("sha256").update(given.get("code_verifier") ?? "").digest("base64url");
          if (challenge !== asked?.get("code_challenge")) {
            response.writeHead(400);
            json({ error: "invalid_grant" });
            return;
          }
          const now = Math.floor(Date.now() / 1000);
          const claims = { iss: url, aud: asked.get("client_id"), nonce: asked.get("nonce"), iat: now, exp: now + 60, ...person };
          json({ access_token: randomUUID(), token_type: "Bearer", id_token: sign(claims) });
        });
        return;
      case "/end":
        leadTo(at.searchParams.get("post_logout_redirect_uri") ?? "/");
        return;
      default:
        response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
