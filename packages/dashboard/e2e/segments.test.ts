import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFlagsmithInstance } from "flagsmith/isomorphic";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

describe.skipIf(!hasChromium)("segments", () => {
  let world: World;

  beforeAll(async () => {
    world = await openWorld();
    for (let i = 0; i < 40; i += 1) {
      const traits = {
        plan: i % 4 === 0 ? "pro" : "free",
        age: 18 + i,
        beta: i % 2 === 0,
        country: i % 3 ? "DE" : "FR",
      };
      await world.identify(`user-${i}@shop.io`, traits);
    }
  }, 120_000);
  afterAll(() => world?.close(), 30_000);

  test("a segment is built with a live count, used by a feature, and a running SDK sees it", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("segments"));
    await ana.inspect("segments-empty");
    await page.getByRole("button", { name: "New segment" }).first().click();
    await page.getByRole("heading", { level: 1, name: "New segment" }).waitFor();
    await page.getByRole("textbox", { name: "Name" }).fill("Beta testers");
    await page.getByRole("combobox", { name: "Trait", exact: true }).fill("plan");
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Value", exact: true }).fill("pro");
    await page.keyboard.press("Escape");
    await page.getByText("10 of 40 (25 %)").waitFor();
    await page.getByText(/For example user-/).waitFor();

    // A group of its own, with a number.
    await page.getByRole("button", { name: "Group", exact: true }).click();
    await page.getByRole("menuitem", { name: /^Any of/ }).click();
    const group = page.getByRole("group", { name: /any of these holds/ });
    await group.getByRole("combobox", { name: "Trait", exact: true }).fill("age");
    await page.keyboard.press("Escape");
    await group.getByRole("combobox", { name: "Operator" }).selectOption({ label: "is at least" });
    await group.getByRole("textbox", { name: "Value" }).fill("38");
    await page.getByText("5 of 40 (12.5 %)").waitFor();
    await ana.inspect("segment-editor");

    // What can never be is said where it stands.
    await group.getByRole("textbox", { name: "Value" }).fill("old");
    await page.getByText(/is not a number/).waitFor();
    await ana.inspect("segment-warning");
    await group.getByRole("textbox", { name: "Value" }).fill("38");
    await page.getByText("5 of 40 (12.5 %)").waitFor();
    await page.getByRole("button", { name: "Create segment" }).click();
    await page.getByRole("heading", { level: 1, name: "Beta testers" }).waitFor();

    const segmentId = Number(page.url().split("/").pop());
    const feature = await world.api<{ id: number }>("POST", `/api/v1/projects/${world.projectId}/features/`, {
      name: "new_search",
    });
    await world.api("PATCH", `/api/__future__/environments/${world.development.key}/features/${feature.id}/`, {
      segment_overrides: [{ segment: { id: segmentId }, enabled: true, value: { type: "string", value: "beta" } }],
    });
    const flagsmith = createFlagsmithInstance();
    const api = `${world.stage.server.url}/api/v1/`;
    await flagsmith.init({ environmentID: world.development.key, api, identity: "user-36@shop.io" });
    expect([flagsmith.hasFeature("new_search"), flagsmith.getValue("new_search")]).toEqual([true, "beta"]);
    await flagsmith.identify("user-0@shop.io");
    expect(flagsmith.hasFeature("new_search")).toBe(false);

    await page.getByRole("tab", { name: "Members" }).click();
    await page.getByRole("link", { name: "user-36@shop.io" }).waitFor();
    expect(await page.getByRole("list", { name: "Members" }).getByRole("listitem").count()).toBe(5);
    await ana.inspect("segment-members");
    await page.getByRole("tab", { name: "Used by" }).click();
    await page.getByRole("link", { name: "new_search" }).waitFor();
    await ana.inspect("segment-used");
    await ana.goto(pageOf("segments"));
    await page.getByText("5 of 40 (12.5 %)").waitFor();
    await ana.inspect("segments");
    expect(ana.faults).toEqual([]);
  }, 120_000);

  test("the second of two editors is told, and deleting names what goes", async () => {
    const { ana, pageOf, api, projectId } = world;
    const { page } = ana;
    const rules = [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];
    const made = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/segments/`, {
      name: "Payers",
      rules,
    });
    await ana.goto(pageOf(`segments/${made.id}`));
    await page.getByRole("textbox", { name: "Name" }).fill("Paying");
    await api("PATCH", `/api/v1/projects/${projectId}/segments/${made.id}/`, { description: "By somebody else" });
    await page.getByRole("button", { name: "Save segment" }).click();
    await page.getByRole("dialog", { name: "Somebody else changed this segment" }).waitFor();
    await ana.inspect("segment-conflict");
    await page.getByRole("button", { name: "Show theirs" }).click();
    await page.getByText("By somebody else").first().waitFor();
    await page.getByRole("textbox", { name: "Name" }).fill("Paying");
    await page.getByRole("button", { name: "Save segment" }).click();
    await page.getByRole("heading", { level: 1, name: "Paying" }).waitFor();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await ana.inspect("segment-delete");
    await page.getByRole("button", { name: "Delete segment" }).click();
    await page.getByRole("heading", { level: 1, name: "Segments" }).waitFor();
    await page.getByRole("link", { name: "Paying" }).waitFor({ state: "detached" });
    expect(ana.faults).toEqual([]);
  }, 120_000);
});
