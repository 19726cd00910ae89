import { expect, open, settle, test } from "./kit";

// About something that no image of the demo has: others count its findings meanwhile.
test("an exception is previewed, decided, found and revoked", async ({ page }, info) => {
  const id = `CVE-1999-${String(1000 + info.parallelIndex)}`;
  await settle(page);
  await open(page, "/decisions", "Add an exception");
  await page.getByRole("button", { name: "Add an exception" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Vulnerability" }).fill(id);
  await dialog.getByRole("textbox", { name: "Reason" }).fill("There is no such thing in our images.");
  await expect(dialog.getByText("It would suppress 0 findings")).toBeVisible();
  await dialog.getByRole("button", { name: "Decide" }).click();
  await expect(dialog).toBeHidden();

  const row = page.getByRole("row", { name: new RegExp(id) });
  await expect(row).toContainText("Active");
  await page.getByRole("searchbox", { name: "Filter by vulnerability, reason or author" }).fill(id);
  await expect(page).toHaveURL(/q=/);
  await row.getByRole("button", { name: `Revoke the exception for ${id}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
});
