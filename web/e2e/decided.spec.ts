import { expect, test } from "./kit";
import { startDemo } from "./server";

// On a demo of its own: what is decided here takes findings out of counts that other tests read.
test("what a document and a person decide is shown where it suppresses, with who, why and until when", async ({ page }) => {
  const demo = await startDemo();
  try {
    await page.context().addCookies([{ name: "crowsnest_session", value: demo.cookie, url: demo.url }]);
    await page.addInitScript(() => {
      localStorage.setItem("crowsnest.language", "en");
    });
    const images = (await (await fetch(`${demo.url}/api/v1/images`, { headers: { Authorization: `Bearer ${demo.token}` } })).json()) as { items: { name: string; digest: string }[] };
    const web = images.items.find((i) => i.name.endsWith("/shop/web:1.0"))?.digest ?? "";

    // A document of somebody whom nobody trusts suppresses nothing, and says so.
    await page.goto(`${demo.url}/decisions?tab=documents`);
    await expect(page.getByText("No documents")).toBeVisible();
    const document = {
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": "https://example.com/vex/zlib",
      author: "security@example.com",
      timestamp: "2026-01-02T03:04:05Z",
      version: 1,
      statements: [
        {
          vulnerability: { name: "CVE-2023-45853" },
          products: [{ "@id": "pkg:deb/debian/zlib1g" }],
          status: "not_affected",
          justification: "vulnerable_code_not_present",
          impact_statement: "minizip is not built",
        },
      ],
    };
    await page.locator("input[type=file]").setInputFiles({ name: "zlib.vex.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(document)) });
    const row = page.getByRole("table", { name: "VEX documents" }).getByRole("row").filter({ hasText: "zlib.vex.json" });
    await expect(row).toContainText("security@example.com");
    await row.getByRole("button", { name: "zlib.vex.json", exact: true }).click();
    const statements = page.getByRole("table", { name: /zlib\.vex\.json/ });
    await expect(statements).toContainText("Nobody trusts its author");

    // Once an owner trusts the author it does.
    await page.goto(`${demo.url}/decisions?tab=settings`);
    await page.getByRole("textbox", { name: "Trusted authors of VEX documents" }).fill("security@example.com");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
    await page.goto(`${demo.url}/decisions?tab=documents`);
    await page.getByRole("button", { name: "zlib.vex.json", exact: true }).click();
    await expect(page.getByRole("table", { name: /zlib\.vex\.json/ })).toContainText("It suppresses findings");

    // A person accepts another one until a day.
    await page.goto(`${demo.url}/decisions`);
    await page.getByRole("button", { name: "Add an exception" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Vulnerability" }).fill("CVE-2021-38561");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("No language tags come from outside.");
    await dialog.getByLabel("Until").fill("2099-12-31");
    await expect(dialog.getByText(/It would suppress [1-9]/)).toBeVisible();
    await dialog.getByRole("button", { name: "Decide" }).click();
    await expect(dialog).toBeHidden();

    await page.goto(`${demo.url}/images/${web}`);
    await expect(page.getByText("25 shown")).toBeVisible();
    await page.getByRole("button", { name: /^Suppressed/ }).click();
    await expect(page).toHaveURL(/suppressed=true/);
    const main = page.getByRole("main");
    const stated = main.getByRole("row").filter({ hasText: "CVE-2023-45853" });
    for (const says of ["by security@example.com", "vulnerable_code_not_present", "minizip is not built", "without an end"]) {
      await expect(stated).toContainText(says);
    }
    const accepted = main.getByRole("row").filter({ hasText: "CVE-2021-38561" });
    for (const says of [`by ${demo.email}`, "No language tags come from outside.", "until Dec 31, 2099"]) {
      await expect(accepted).toContainText(says);
    }

    // What is suppressed wherever it is found is not exposed, and is counted by itself.
    await page.goto(`${demo.url}/environments/production?tab=exposure&state=suppressed`);
    await expect(page.getByRole("table", { name: "Exposures" }).getByRole("row").filter({ hasText: "CVE-2021-38561" })).toContainText("Suppressed");
    await page.goto(`${demo.url}/images/${web}?tab=decisions`);
    await expect(main.getByRole("row").filter({ hasText: "CVE-2023-45853" })).toContainText("by security@example.com");
  } finally {
    await demo.stop();
  }
});
