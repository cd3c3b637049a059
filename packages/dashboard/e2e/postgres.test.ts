/** The pages on PostgreSQL: the database below them changes, what they do must not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { startTestPostgres, type TestPostgres } from "@burgee/server/testing";
import { createFlagsmithInstance } from "flagsmith/isomorphic";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

const hasPostgres = existsSync("/usr/lib/postgresql");
if (!hasPostgres)
  process.stderr.write("skipped: the journey on PostgreSQL, because /usr/lib/postgresql is not there.\n");

describe.skipIf(!hasChromium || !hasPostgres)("on PostgreSQL", () => {
  let postgres: TestPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    world = await openWorld({ BURGEE_DATABASE_URL: postgres.url });
  }, 150_000);
  afterAll(async () => {
    await world?.close();
    await postgres?.remove();
  }, 60_000);

  test("the first flag is made, switched on, and seen by a stock SDK; its identity is found", async () => {
    const { ana, pageOf, development } = world;
    const { page } = ana;
    await ana.goto(pageOf("features"));
    await page.getByRole("button", { name: "New feature" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("new_checkout");
    await page.getByRole("button", { name: "Create feature" }).click();
    await page.getByRole("heading", { level: 1, name: /new_checkout/ }).waitFor();
    await ana.goto(pageOf("features"));
    await page.getByRole("switch", { name: "new_checkout in Development" }).press("Space");
    await page.getByText("new_checkout is on in Development.").waitFor();

    const flagsmith = createFlagsmithInstance();
    await flagsmith.init({
      environmentID: development.key,
      api: `${world.stage.server.url}/api/v1/`,
      identity: "ana@shop.io",
      traits: { plan: "pro" },
    });
    expect(flagsmith.hasFeature("new_checkout")).toBe(true);

    await ana.goto(pageOf("identities?q=plan:pro"));
    await page.getByRole("link", { name: "ana@shop.io" }).click();
    await page.getByRole("list", { name: "Flags" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 180_000);
});
