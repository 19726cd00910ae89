import { expect, open, settle, test, webImage } from "./kit";

test("a layer says what it brought, and filters packages and findings once it is chosen", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("link", { name: /^Layers/ }).click();
  const layers = page.getByRole("table", { name: "Layers" });
  await expect(layers.getByRole("row")).toHaveCount(5);
  await expect(layers.getByRole("row").nth(4)).toContainText("rm -rf /opt/setup");
  await expect(layers.getByRole("row").nth(4)).toContainText("−1");

  await layers.getByRole("link", { name: /^Layer 2: RUN apt-get install/ }).click();
  await expect(page).toHaveURL(/layer=sha256:/);
  await layers.getByRole("link", { name: "2 packages in this layer" }).click();
  await expect(page.getByText("2 shown · 16 hidden by filters")).toBeVisible();
  await expect(page.getByRole("main").getByText("ca-certificates")).toBeVisible();

  // The choice goes along to the findings, and ends there.
  await page.getByRole("link", { name: /^Vulnerabilities/ }).nth(1).click();
  await expect(page.getByText("7 shown · 20 hidden by filters")).toBeVisible();
  await page.getByRole("button", { name: "Layer 2 only" }).click();
  await expect(page.getByText("27 shown")).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
});

test("packages of an image say to whom they belong", async ({ page, request }) => {
  await settle(page);
  // The image whose npm package was installed by one of Debian's.
  const headers = { Authorization: `Bearer ${process.env.E2E_TOKEN ?? ""}` };
  const answer = await request.get(`${process.env.E2E_URL ?? ""}/api/v1/packages/deb/images?name=node-semver`, { headers });
  const { items } = (await answer.json()) as { items: { digest: string }[] };
  await open(page, `/images/${items[0]?.digest ?? ""}?tab=packages&q=semver`, "node-semver");
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "semver", exact: true }) });
  await expect(row.getByTitle(/Its files belong to node-semver/)).toBeVisible();
});

test("an image says how it wants to run", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}?tab=details`, "How it runs");
  const main = page.getByRole("region", { name: "How it runs" });
  await expect(main).toContainText("1000:1000");
  await expect(main).toContainText("/usr/local/bin/web");
  await expect(page.getByRole("region", { name: "Labels" })).toContainText("org.opencontainers.image.title");
  await expect(page.getByRole("region", { name: "Environment variables" })).toContainText("PATH");
});

test("parts of an image that were not analysed are listed with the reason, and hidden values are said to be", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  // The demo's images are whole: the server's answer is changed here.
  await page.route((url) => decodeURIComponent(url.pathname) === `/api/v1/images/${digest}`, async (route) => {
    const image = (await (await route.fetch()).json()) as { layers: { diffId: string }[]; config: object };
    const problems = [{ path: "opt/app.jar", layer: image.layers[2]?.diffId, reason: "the archive is damaged" }];
    await route.fulfill({ json: { ...image, problems, problemCount: 2, config: { ...image.config, env: [{ name: "API_KEY", hidden: true }] } } });
  });
  await open(page, `/images/${digest}`, "2 parts of this image could not be analysed.");
  await page.getByRole("link", { name: "Which, and why" }).click();
  const parts = page.getByRole("table", { name: "Parts that could not be analysed" });
  await expect(parts.getByRole("row").nth(1)).toHaveText(/opt\/app\.jar3the archive is damaged/);
  await expect(page.getByText("and 1 more")).toBeVisible();
  await expect(page.getByRole("region", { name: "Environment variables" })).toContainText("hidden: it may be a secret");
});

test("an image whose packages could not all be judged says so above everything else", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  // The demo has the advisories of all its images: the server's answer is changed here.
  await page.route((url) => decodeURIComponent(url.pathname) === `/api/v1/images/${digest}`, async (route) => {
    const image = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...image, missingAdvisories: [{ ecosystem: "PyPI", type: "pypi", packages: 12 }] } });
  });
  await open(page, `/images/${digest}`, "12 packages of this image were not checked completely");
  await expect(page.getByText("PyPI (12)")).toBeVisible();
  await open(page, `/images/${digest}?tab=packages`, "PyPI (12)");
});

test("what was attested of an image is listed, with what could not be read, and can be downloaded", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  // The demo's attestations are whole: one that is not is added to the server's answer here.
  await page.route((url) => decodeURIComponent(url.pathname) === `/api/v1/images/${digest}/attestations`, async (route) => {
    const list = (await (await route.fetch()).json()) as { items: object[] };
    await route.fulfill({ json: { ...list, items: [...list.items, { source: "referrer", kind: "other", size: 0, problem: "the registry does not allow it" }] } });
  });
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("link", { name: "Attestations" }).click();
  const table = page.getByRole("table", { name: "Attestations" });
  const provenance = table.getByRole("row").filter({ hasText: "https://slsa.dev/provenance/v1" });
  await expect(provenance).toContainText("https://ci.example.com/shop/web/builds/1042");
  await expect(provenance).toContainText("https://git.example.com/shop/web.git 4f2a9c1be07d");
  await expect(page.getByText("the registry does not allow it")).toBeVisible();
  const download = page.waitForEvent("download");
  await provenance.getByRole("link", { name: /^Download the Provenance/ }).click();
  expect((await download).suggestedFilename()).toMatch(/^provenance-[0-9a-f]{12}\.json$/);

  await page.getByRole("link", { name: "Details" }).click();
  await expect(page.getByText("docker.io/library/debian:12-slim, by the provenance of its build")).toBeVisible();
});
