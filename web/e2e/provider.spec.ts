import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startIssuer } from "./issuer";
import { expect, test } from "./kit";
import { freePort, redeem, start } from "./server";

test("people sign in and out with the provider, and read why not", async ({ page }) => {
  const issuer = await startIssuer({ sub: "1", email: "ada@example.com", email_verified: true, name: "Ada" });
  const folder = await mkdtemp(path.join(tmpdir(), "crowsnest-e2e-"));
  const port = String(await freePort());
  const root = `http://127.0.0.1:${port}/tools/crowsnest`;
  const server = await start(["serve", "--listen", `127.0.0.1:${port}`, "--data", folder], /(http\S+\/link#\S+)/, {
    CROWSNEST_BASE_PATH: "/tools/crowsnest",
    CROWSNEST_PUBLIC_URL: `http://127.0.0.1:${port}`,
    CROWSNEST_EGRESS__ALLOW: "127.0.0.1",
    CROWSNEST_OIDC__ISSUER: issuer.url,
    CROWSNEST_OIDC__CLIENT_ID: "crowsnest",
    CROWSNEST_OIDC__NAME: "Acme SSO",
  });
  let stopped = false;
  try {
    const cookie = await redeem(server.words[1] ?? "", { email: "owner@example.com", name: "Owner", password: "four quiet words here" });

    // Nobody invited her: she is told so, and comes back to where she can do something about it.
    await page.goto(`${root}/images`);
    await page.getByRole("link", { name: "Sign in with Acme SSO" }).click();
    await expect(page.getByRole("alert")).toContainText("You belong to no organisation here.");
    await expect(page.getByRole("alert")).toContainText("Acme SSO");

    const invitation = await fetch(`${root}/api/v1/invitations`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: `crowsnest_session=${cookie}`, "Sec-Fetch-Site": "same-origin" },
      body: JSON.stringify({ email: "ada@example.com", role: "member" }),
    });
    const { url } = (await invitation.json()) as { url: string };
    await page.goto(url);
    await expect(page.getByText("Sign in as ada@example.com to join default.")).toBeVisible();

    // The way back leads to the page she wanted.
    await page.goto(`${root}/images`);
    await page.getByRole("link", { name: "Sign in with Acme SSO" }).click();
    await expect(page).toHaveURL(`${root}/images`);
    await expect(page.getByText("No images yet")).toBeVisible();

    await page.getByRole("button", { name: "Account" }).click();
    const left = page.waitForRequest((request) => request.url().startsWith(`${issuer.url}/end?`));
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await left;
    await expect(page.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();

    await issuer.stop();
    stopped = true;
    // What the provider said of itself counts for a minute; a word in the address is only a word.
    await page.goto(`${root}/sign-in?problem=unavailable`);
    await expect(page.getByRole("alert")).toContainText("Acme SSO does not answer at the moment. Try again later.");
    await page.goto(`${root}/sign-in?problem=no-such-word`);
    await expect(page.getByRole("alert")).toContainText("went wrong inside the server");
    await page.getByLabel("E-mail address").fill("owner@example.com");
    await page.getByLabel("Password", { exact: true }).fill("four quiet words here");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(`${root}/`);
  } finally {
    await server.stop();
    if (!stopped) {
      await issuer.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
});
