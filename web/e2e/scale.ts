import { execFileSync } from "node:child_process";
import { freePort, program, redeem, start } from "./server";

/** Serves the installation in the folder that SCALE_DATA names, or in the PostgreSQL database of SCALE_DATABASE. */
export default async function setup(): Promise<() => Promise<void>> {
  const data = process.env.SCALE_DATA;
  if (!data) {
    throw new Error("SCALE_DATA names no folder with a database; run scripts/web.sh scale");
  }
  const database = process.env.SCALE_DATABASE;
  const where = ["--data", data, ...(database ? ["--database", database] : [])];
  const address = `127.0.0.1:${String(await freePort())}`;
  const server = await start(["serve", ...where, "--listen", address], /msg=ready/);
  const said = execFileSync(program, ["admin", "link", "--owner", ...where, "--listen", address], { encoding: "utf8" });
  process.env.E2E_URL = `http://${address}`;
  process.env.E2E_COOKIE = await redeem(/http\S+\/link#\S+/.exec(said)?.[0] ?? "", {
    email: `owner-${String(Date.now())}@example.com`,
    name: "Owner",
    password: "a password that is long enough",
  });
  return server.stop;
}
