import { freePort, redeem, start } from "./server";

/** Serves the installation in the folder that SCALE_DATA names. */
export default async function setup(): Promise<() => Promise<void>> {
  const data = process.env.SCALE_DATA;
  if (!data) {
    throw new Error("SCALE_DATA names no folder with a database; run scripts/web.sh scale");
  }
  const port = await freePort();
  const server = await start(["serve", "--data", data, "--listen", `127.0.0.1:${String(port)}`, "--log-level", "error"], /(http:\S+\/link#\S+)/);
  const link = server.url;
  const origin = new URL(link).origin;
  process.env.E2E_URL = origin;
  process.env.E2E_COOKIE = await redeem(link, { email: "owner@example.com", name: "Owner", password: "a password that is long enough" });
  return server.stop;
}
