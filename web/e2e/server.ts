import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** The program with the dashboard in it. */
export const program = fileURLToPath(new URL("../../bin/crowsnest", import.meta.url));

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

export interface Server {
  url: string;
  token: string;
  stop: () => Promise<void>;
}

/** Starts the program and waits until its output says where it is and how to get in. */
export async function start(args: string[], said: RegExp, environment: Record<string, string> = {}): Promise<Server & { words: RegExpMatchArray }> {
  const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, CROWSNEST_ADVISORIES__UPDATE: "false", ...environment } });
  const ended = new Promise<void>((resolve) => child.once("exit", () => {
    resolve();
  }));
  const stop = async () => {
    child.kill("SIGINT");
    await ended;
  };
  let output = "";
  const words = await new Promise<RegExpMatchArray>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`crowsnest ${args.join(" ")} did not start in time:\n${output}`));
    }, 60_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const match = said.exec(output);
      if (match) {
        clearTimeout(timer);
        resolve(match);
      }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => {
      reject(new Error(`${program}: ${error.message}; run make dashboard first`));
    });
    child.once("exit", (code) => {
      reject(new Error(`crowsnest ${args.join(" ")} ended with ${String(code)}:\n${output}`));
    });
  });
  return { url: words[1] ?? "", token: words[2] ?? "", stop, words };
}

/** Opens a one-time link as its page does; answers with the cookie of the session. */
export async function redeem(link: string, answer: Record<string, string> = {}): Promise<string> {
  const { origin, pathname, hash } = new URL(link);
  const reply = await fetch(`${origin}${pathname.replace(/\/link$/, "")}/api/v1/links/redeem`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ secret: hash.slice(1), ...answer }),
  });
  const cookie = /crowsnest_session=([^;]+)/.exec(reply.headers.get("Set-Cookie") ?? "")?.[1];
  if (!reply.ok || cookie === undefined) {
    throw new Error(`the link did not sign in: ${String(reply.status)} ${await reply.text()}`);
  }
  return cookie;
}

/** A server of PostgreSQL that is thrown away, as the tests of the store start it. */
async function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(fileURLToPath(new URL("../../internal/testkit/pgkit/cluster.sh", import.meta.url)), { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => {
    resolve();
  }));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (line: Buffer) => {
      resolve(line.toString().trim());
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`PostgreSQL did not start (${String(code)}); scripts/install-test-tools.sh installs it`));
    });
  });
  return {
    url,
    // It ends with its standard input, so also should this process be killed.
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

export interface Demo extends Server {
  /** A session of the owner's. */
  cookie: string;
  email: string;
  password: string;
  /** The server of Sysdig's that knows a cluster which is not connected, and what it accepts. */
  sysdig: { url: string; token: string; apiToken: string };
}

const demoSays =
  /CROWSNEST_SERVER=(\S+) CROWSNEST_TOKEN=(\S+)\n[^]*?(http\S+\/link#\S+)\s+Later sign in as (\S+) with the password (\S+)\n[^]*?URL (\S+),\s+token (\S+)\n.*API token under Advanced (\S+)\n/;

/** Runs the demo, the real program on bundled input; on PostgreSQL if CROWSNEST_E2E_DATABASE says "postgres". */
export async function startDemo(): Promise<Demo> {
  const port = await freePort();
  const postgres = process.env.CROWSNEST_E2E_DATABASE === "postgres" ? await startPostgres() : undefined;
  const { words, ...server } = await start(["demo", "--listen", `127.0.0.1:${String(port)}`, ...(postgres ? ["--database", postgres.url] : [])], demoSays);
  const [, , , link = "", email = "", password = "", url = "", token = "", apiToken = ""] = words;
  const stop = async () => {
    await server.stop();
    await postgres?.stop();
  };
  return { ...server, stop, cookie: await redeem(link), email, password, sysdig: { url, token, apiToken } };
}

/** Makes a link that shows a vulnerability to anybody; answers with its path and what follows. */
async function share(demo: Demo, vulnerability: string): Promise<string> {
  const answer = await fetch(`${demo.url}/api/v1/shares`, {
    method: "POST",
    headers: { Authorization: `Bearer ${demo.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ vulnerability }),
  });
  if (!answer.ok) {
    throw new Error(`no link for ${vulnerability}: ${String(answer.status)} ${await answer.text()}`);
  }
  const { url } = (await answer.json()) as { url: string };
  return url.slice(new URL(url).origin.length);
}

/** One demo for all tests that leave it as it is. */
export default async function setup(): Promise<() => Promise<void>> {
  const demo = await startDemo();
  process.env.E2E_URL = demo.url;
  process.env.E2E_TOKEN = demo.token;
  process.env.E2E_COOKIE = demo.cookie;
  process.env.E2E_EMAIL = demo.email;
  process.env.E2E_PASSWORD = demo.password;
  process.env.E2E_SHARED = await share(demo, "CVE-2026-31789");
  return demo.stop;
}
