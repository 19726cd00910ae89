import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startGateway } from "./gateway";
import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests connect a registry: they have a demo of their own, one after the other.
test.describe.configure({ mode: "serial" });

let demo: Demo;
let registry: Server;
let host = "";
const before = { ...process.env };

/** A registry with a catalogue, and with tags whose images nobody can pull. */
function serveRegistry(): Server {
  return createServer((request, response) => {
    const path = (request.url ?? "").replace(/\?.*/, "");
    response.setHeader("Content-Type", "application/json");
    if (path === "/v2/") {
      response.end("{}");
    } else if (path === "/v2/_catalog") {
      response.end(JSON.stringify({ repositories: ["shop/web", "shop/api", "dev/tool"] }));
    } else if (path.endsWith("/tags/list")) {
      response.end(JSON.stringify({ tags: ["1", "2", "3"] }));
    } else {
      response.setHeader("RateLimit-Limit", "100;w=21600");
      response.setHeader("RateLimit-Remaining", "76;w=21600");
      response.setHeader("Docker-Content-Digest", `sha256:${createHash("sha256").update(path).digest("hex")}`);
      response.end(request.method === "HEAD" ? undefined : "{}");
    }
  });
}

/** Axe in both themes, which differ in colours only. */
async function accessible(page: Page): Promise<void> {
  for (const scheme of ["light", "dark"]) {
    await page.locator("html").evaluate((html, to) => {
      html.setAttribute("data-mantine-color-scheme", to);
    }, scheme);
    expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
  }
}

test.beforeAll(async () => {
  registry = serveRegistry();
  await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
  host = `127.0.0.1:${String((registry.address() as AddressInfo).port)}`;
  demo = await startDemo();
  process.env.E2E_URL = demo.url;
  process.env.E2E_COOKIE = demo.cookie;
});

test.afterAll(async () => {
  process.env.E2E_URL = before.E2E_URL;
  process.env.E2E_COOKIE = before.E2E_COOKIE;
  await demo.stop();
  registry.close();
});

test("an owner connects a registry after a test that says what is wrong", async ({ page }) => {
  await settle(page);
  await open(page, "/connect", "Container registry");
  const main = page.getByRole("main");
  await main.getByRole("link", { name: /Container registry/ }).click();
  await main.getByRole("textbox", { name: "Configuration name" }).fill("hub");
  await main.getByRole("textbox", { name: "Address" }).fill("127.0.0.1:1");
  await main.getByRole("button", { name: "Test the connection" }).click();
  await expect(main.getByText(/refuses connections/)).toBeVisible();
  await main.getByRole("textbox", { name: "Address" }).fill(host);
  await main.getByRole("button", { name: "Test the connection" }).click();
  await expect(main.getByText(`${host} answers, and has these repositories:`)).toBeVisible();
  await expect(main.getByText("shop/web, shop/api, dev/tool")).toBeVisible();
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/connect-registry.png`, fullPage: true });
  }
  await main.getByRole("button", { name: "Connect", exact: true }).click();
  await expect(main.getByText("0 of 3 repositories enabled")).toBeVisible();
});

test("an editor enables repositories in bulk and by pattern, and sees what a backfill would do", async ({ page }) => {
  await settle(page);
  await open(page, "/repositories?registry=hub", `${host}/shop/web`);
  const main = page.getByRole("main");
  await main.getByRole("checkbox", { name: `Choose ${host}/dev/tool` }).check();
  await main.getByRole("checkbox", { name: `Choose ${host}/shop/api` }).check();
  await main.getByRole("button", { name: "Enable 2" }).click();
  await expect(main.getByText("2 of 3 repositories enabled")).toBeVisible();
  await main.getByRole("textbox", { name: "Pattern of repositories" }).fill("shop/*");
  await main.getByRole("button", { name: "Enable all that fit" }).click();
  await expect(main.getByText("1 repository enabled")).toBeVisible();
  await expect(main.getByText("3 of 3 repositories enabled")).toBeVisible();
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/repositories.png`, fullPage: true });
    await page.setViewportSize({ width: 375, height: 800 });
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/repositories-narrow.png`, fullPage: true });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await accessible(page);
  await main.getByRole("button", { name: "Backfill hub" }).click();
  await accessible(page);
  await expect(page.getByRole("dialog").getByText(/\d images? of \d repositories would be analysed/)).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Analyse all" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await open(page, "/settings/jobs", "Backfill, beside them");
  await open(page, "/integrations", host);
});

test("a repository tells what its tags name, and by whom it is watched", async ({ page }) => {
  await settle(page);
  await open(page, "/repositories", "hub");
  const main = page.getByRole("main");
  await main.getByRole("link", { name: `${host}/shop/web` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("shop/web");
  await expect(main.getByText("Enabled", { exact: true })).toBeVisible();
  await expect(main.getByText("No image is known yet")).toBeVisible(); // nobody can pull them
  await main.getByRole("navigation", { name: "Parts of the repository" }).getByRole("link", { name: /Tags/ }).click();
  await expect(main.getByRole("table").getByText("3", { exact: true })).toBeVisible();
  await main.getByRole("button", { name: "What they named before, too" }).click();
  await expect(page).toHaveURL(/past=true/);
  await expect(main.getByRole("columnheader", { name: "Until" })).toBeVisible();
  await accessible(page);
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/repository.png`, fullPage: true });
  }
  await main.getByRole("button", { name: "Disable" }).click();
  await expect(main.getByText("Disabled", { exact: true })).toBeVisible();
  await main.getByRole("button", { name: "Enable" }).click();
  await expect(main.getByText("Enabled", { exact: true })).toBeVisible();
  await main.getByRole("link", { name: "hub", exact: true }).click();
  await expect(page).toHaveURL(/\/integrations\/registries\/hub$/);

  for (const [typed, kind, leads] of [
    ["shop/api", "Repositories", "/repositories/"],
    ["hub", "Integrations", "/integrations/registries/hub"],
  ] as const) {
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("combobox", { name: "Search and commands" }).fill(typed);
    await page.getByRole("group", { name: kind, exact: true }).getByRole("option").last().click();
    await expect(page).toHaveURL(new RegExp(leads));
  }
});

test("an owner pauses, changes and disconnects a registry on its own page", async ({ page }) => {
  await settle(page);
  await open(page, "/integrations", host);
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  await main.getByRole("link", { name: "hub oci" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("hub");
  await expect(main.getByText("Connected", { exact: true })).toBeVisible();
  await expect(main.getByText("Next look")).toBeVisible();
  await expect(main.getByText(/76 of 100 in 6 hours are left/)).toBeVisible();
  await expect(main.getByRole("link", { name: "shop/web" })).toBeVisible();
  await accessible(page);
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/registry.png`, fullPage: true });
  }
  await main.getByRole("button", { name: "Pause" }).click();
  await expect(main.getByText("Paused", { exact: true })).toBeVisible();
  await expect(main.getByText("None while it is paused").first()).toBeVisible();
  await main.getByRole("button", { name: "Resume" }).click();
  await expect(main.getByText("Connected", { exact: true })).toBeVisible();

  await main.getByRole("button", { name: "Edit" }).click();
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Without these" }).fill("Dev/*");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText(/in lower case/)).toBeVisible();
  await dialog.getByRole("textbox", { name: "Without these" }).fill("dev/*");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(main.getByText("dev/*")).toBeVisible();

  await main.getByRole("button", { name: "Create webhook" }).click();
  await dialog.getByRole("button", { name: "Make the secret" }).click();
  await expect(dialog.getByText(/\/api\/v1\/hooks\/registries\//)).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(main.getByText(/There is a webhook/)).toBeVisible();
  await main.getByRole("button", { name: "Remove webhook" }).click();
  await expect(main.getByText(/There is no webhook/)).toBeVisible();

  await main.getByRole("button", { name: "Disconnect" }).click();
  await expect(dialog.getByText(/3 repositories are forgotten/)).toBeVisible();
  await accessible(page);
  await expect(dialog.getByRole("button", { name: "Disconnect" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Type hub to confirm" }).fill("hub");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(page).toHaveURL(/\/integrations$/);
  await open(page, "/repositories", "No repositories");
});

test("an owner connects a registry whose certificate is of an authority of one's own", async ({ page }) => {
  const gateway = await startGateway(`http://${host}`, true);
  const address = new URL(gateway.url).host;
  try {
    await settle(page);
    await open(page, "/connect/registry", "Configuration name");
    const main = page.getByRole("main");
    await main.getByRole("textbox", { name: "Configuration name" }).fill("inner");
    await main.getByRole("textbox", { name: "Address" }).fill(gateway.url);
    await main.getByRole("button", { name: "Test the connection" }).click();
    await expect(main.getByRole("alert")).toContainText(/certificate/);
    await main.getByText("Advanced").click();
    await main.getByRole("textbox", { name: "Certificates of your authority" }).fill(gateway.ca);
    await main.getByRole("button", { name: "Test the connection" }).click();
    await expect(main.getByText(`${address} answers, and has these repositories:`)).toBeVisible();
    await accessible(page);
    await main.getByRole("button", { name: "Connect", exact: true }).click();
    await expect(main.getByText("0 of 3 repositories enabled")).toBeVisible();
    await open(page, "/integrations/registries/inner", "CN=sysdig.test");
  } finally {
    await gateway.stop();
  }
});

test("a registry of a cloud may be read as the server itself, if its operator lets it", async ({ page }) => {
  await settle(page);
  await open(page, "/connect/registry", "Configuration name");
  const main = page.getByRole("main");
  await expect(main.getByRole("checkbox", { name: "Sign in as the server itself" })).toHaveCount(0); // only clouds know who it is
  await main.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: /ECR|Elastic Container Registry/ }).click();
  await main.getByRole("textbox", { name: "Configuration name" }).fill("cloud");
  await main.getByRole("textbox", { name: "Address" }).fill("123456789012.dkr.ecr.eu-central-1.amazonaws.com");
  await expect(main.getByLabel("Password or token")).toBeVisible();
  await main.getByRole("checkbox", { name: "Sign in as the server itself" }).check();
  await expect(main.getByLabel("Password or token")).toHaveCount(0);
  await main.getByRole("button", { name: "Test the connection" }).click();
  await expect(main.getByRole("alert")).toContainText("registry.identity");
  await accessible(page);
});
