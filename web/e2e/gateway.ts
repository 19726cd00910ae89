import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlain, request, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What stands in front of Sysdig: it forwards, unless it was told to limit the rate or to break. */
export interface Gateway {
  url: string;
  /** The certificate of its own that it shows, in PEM form; empty without TLS. */
  ca: string;
  /** Answers 429 with this Retry-After, in seconds, from now on; 0 ends that. */
  limit: (seconds: number) => void;
  /** Answers with what is no page, from now on or no more. */
  break: (on: boolean) => void;
  stop: () => Promise<void>;
}

function certificate(): { key: string; cert: string } {
  const dir = mkdtempSync(join(tmpdir(), "crowsnest-e2e-"));
  try {
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=sysdig.test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
      { stdio: "ignore" },
    );
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export async function startGateway(target: string, tls = false): Promise<Gateway> {
  let limited = 0;
  let broken = false;
  const answer = (from: IncomingMessage, to: ServerResponse) => {
    if (limited > 0) {
      to.writeHead(429, { "Retry-After": String(limited), "Content-Type": "application/json" });
      to.end('{"message":"too many requests"}');
      return;
    }
    if (broken) {
      to.writeHead(200, { "Content-Type": "application/json" });
      to.end('{"data":[{"imageId":');
      return;
    }
    const forward = request(new URL(from.url ?? "/", target), { method: from.method ?? "GET", headers: { ...from.headers, host: new URL(target).host } }, (reply) => {
      to.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(to);
    });
    forward.once("error", () => to.destroy());
    from.pipe(forward);
  };
  const own = tls ? certificate() : undefined;
  const server = own ? createTls(own, answer) : createPlain(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${String(port)}`,
    ca: own?.cert ?? "",
    limit: (seconds) => {
      limited = seconds;
    },
    break: (on) => {
      broken = on;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
