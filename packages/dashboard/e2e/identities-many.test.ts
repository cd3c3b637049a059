/** Work on many identities at once: with counts first, by files, and one made by hand. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

describe.skipIf(!hasChromium)("many identities", () => {
  let world: World;

  beforeAll(async () => {
    world = await openWorld();
  }, 300_000);
  afterAll(() => world?.close(), 30_000);

  test("all that match are changed, on whatever page they are", async () => {
    const { ana, api, production, projectId } = world;
    const { page } = ana;
    for (let i = 0; i < 60; i += 1) await world.identify(`many-${i}@shop.io`, { plan: "free" }, production);
    await ana.goto(`/projects/${projectId}/environments/${production.key}/identities?q=plan:free`);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByText("50 selected").waitFor();
    await page.getByRole("button", { name: "Select all 60 that match" }).click();
    await page.getByText("All 60 that match").waitFor();
    await page.getByRole("button", { name: "Set a trait…" }).click();
    const dialog = page.getByRole("dialog", { name: "Set a trait" });
    await dialog.getByText("For everybody found by plan:free.").waitFor();
    await dialog.getByRole("combobox", { name: "Trait" }).fill("plan");
    await page.keyboard.press("Escape");
    await dialog.getByRole("textbox", { name: "Value" }).fill("basic");
    await dialog.getByRole("button", { name: "Count first" }).click();
    await dialog.getByText("This is Production").waitFor();
    await ana.inspect("bulk-production");
    await dialog.getByRole("button", { name: "Change 60 identities" }).click();
    await dialog.getByText(/^Done: 60.*, 60 changed/).waitFor();
    const found = await api<{ total: { count: number } }>(
      "GET",
      `/api/v1/environments/${production.key}/identity-search/?q=plan:basic`,
    );
    expect(found.total.count).toBe(60);
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("a file with bad rows is read first, and its good rows are imported", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("identities"));
    await page.getByRole("button", { name: "Import" }).click();
    const dialog = page.getByRole("dialog", { name: /^Import identities/ });
    await ana.inspect("import-choose");
    const rows = [
      "identifier,plan,age:integer",
      "new-1@shop.io,pro,30",
      ",free,31",
      "new-2@shop.io,free,old",
      "new-3@shop.io,free,33",
    ];
    await dialog.locator("input[type=file]").setInputFiles({
      name: "people.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(`${rows.join("\n")}\n`),
    });
    await dialog.getByRole("button", { name: "Read it, write nothing" }).click();
    await dialog.getByText("2 problems").waitFor();
    await ana.inspect("import-problems");
    await dialog.getByRole("button", { name: "Import the other 2 rows" }).click();
    await dialog.getByText(/^Done:/).waitFor();
    await ana.inspect("import-done");
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("link", { name: "new-3@shop.io" }).waitFor();
    expect(await page.getByRole("link", { name: "new-2@shop.io" }).count()).toBe(0);
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("one is made by hand, a search is exported, and whom it finds is deleted after being counted", async () => {
    const { ana, api, development, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("identities"));
    await page.getByRole("button", { name: "New identity" }).click();
    await page.getByRole("textbox", { name: "Identifier" }).fill("hand@made.io");
    await ana.inspect("identity-new");
    await page.getByRole("button", { name: "Create identity" }).click();
    await page.getByRole("heading", { level: 1, name: "hand@made.io" }).waitFor();

    for (const name of ["gone-1", "gone-2", "gone-3"]) await world.identify(name, { plan: "free" });
    await ana.goto(pageOf("identities?q=identifier:gone-*"));
    await page.getByText(/^3 of/).waitFor();
    await page.getByRole("button", { name: "Export", exact: true }).click();
    await page.getByRole("radio", { name: "NDJSON" }).check();
    await ana.inspect("export-choose");
    await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
    const link = page.getByRole("link", { name: "Download the result" });
    await link.waitFor();
    await ana.inspect("export-done");
    const file = await ana.context.request.get((await link.getAttribute("href")) ?? "");
    const rows = (await file.text()).trim().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { identifier: string }).identifier).sort()).toEqual([
      "gone-1",
      "gone-2",
      "gone-3",
    ]);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete identities" });
    await dialog.getByRole("button", { name: "Count first" }).click();
    const sure = dialog.getByRole("textbox", { name: "Type 3 to go on" });
    await sure.waitFor();
    expect(await dialog.getByRole("button", { name: "Delete 3 identities" }).isDisabled()).toBe(true);
    await ana.inspect("bulk-delete");
    await sure.fill("3");
    await dialog.getByRole("button", { name: "Delete 3 identities" }).click();
    await dialog.getByText(/^Done: 3 of 3, 3 changed/).waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("heading", { name: "Nobody" }).waitFor();
    const left = await api<{ results: { identifier: string }[] }>(
      "GET",
      `/api/v1/environments/${development.key}/identity-search/`,
    );
    expect(left.results.map(({ identifier }) => identifier)).toContain("hand@made.io");
    expect(left.results.some(({ identifier }) => identifier.startsWith("gone-"))).toBe(false);
    expect(ana.faults).toEqual([]);
  }, 300_000);
});
