import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFlagsmithInstance } from "flagsmith/isomorphic";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

describe.skipIf(!hasChromium)("features", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close(), 30_000);

  const sdk = async (identity?: string) => {
    const flagsmith = createFlagsmithInstance();
    const api = `${world.stage.server.url}/api/v1/`;
    await flagsmith.init({ environmentID: world.development.key, api, ...(identity && { identity }) });
    return flagsmith;
  };

  test("a first flag is made, switched and given a value, and a stock SDK sees each", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("features"));
    await ana.inspect("features-empty");
    await page.getByRole("button", { name: "New feature" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("new checkout!");
    await page.getByRole("textbox", { name: "Description" }).fill("The checkout in one page");
    await page.getByRole("textbox", { name: "Value" }).fill("blue");
    await ana.inspect("feature-create");
    await page.getByRole("textbox", { name: "Name" }).fill("new_checkout");
    await page.getByRole("button", { name: "Create feature" }).click();
    await page.getByRole("heading", { level: 1, name: /new_checkout/ }).waitFor();
    expect((await sdk()).hasFeature("new_checkout")).toBe(false);
    await page.getByRole("switch", { name: "Off in Development" }).click();
    await page.getByRole("switch", { name: "On in Development" }).waitFor();
    await page.getByText("new_checkout is on in Development.").waitFor();
    expect((await sdk()).hasFeature("new_checkout")).toBe(true);
    await ana.inspect("feature-value");

    const editor = page.getByRole("textbox", { name: "Value", exact: true });
    await editor.fill('{"colour": "green"');
    await page.getByRole("combobox", { name: "Format of Value" }).selectOption("json");
    await page.getByText(/Not valid JSON/).waitFor();
    await editor.fill('{"colour": "green"}');
    await page.getByRole("button", { name: "Save in Development" }).click();
    await page.getByText("Saved new_checkout in Development.").waitFor();
    expect((await sdk()).getValue("new_checkout")).toBe('{"colour": "green"}');

    await ana.goto(pageOf("features"));
    await page.getByRole("switch", { name: "new_checkout in Development" }).press("Space");
    await page.getByText("new_checkout is off in Development.").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect((await sdk()).hasFeature("new_checkout")).toBe(true);
    await ana.inspect("features-list");
    expect(ana.faults).toEqual([]);
  }, 180_000);

  test("a staged rollout goes from 10 to 50 percent, and nobody who was in goes out", async () => {
    const { ana, pageOf, api, projectId } = world;
    const { page } = ana;
    const made = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, { name: "fast_search" });
    const people = Array.from({ length: 150 }, (_, i) => `person-${i}`);
    for (const person of people) await world.identify(person, { company: person.slice(-1) });
    const population = async () => {
      const flagsmith = await sdk(people[0]);
      const has: string[] = [];
      for (const person of people) {
        await flagsmith.identify(person);
        if (flagsmith.hasFeature("fast_search")) has.push(person);
      }
      return has;
    };
    await ana.goto(pageOf(`features/${made.id}/rollout`));
    await page.getByText(/That is about \d+ of 15\d known identities/).waitFor();
    await ana.inspect("rollout-before");
    await page.getByRole("button", { name: /^(Save: about|Turn on for)/ }).click();
    await page.getByRole("heading", { name: "On for 10 %" }).waitFor();
    const first = await population();
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThan(32);
    await page.getByRole("textbox", { name: "Change to" }).fill("50");
    await page.getByRole("button", { name: /more identities get it$/ }).waitFor();
    await ana.inspect("rollout-raise");
    await page.getByRole("button", { name: /more identities get it$/ }).click();
    await page.getByRole("heading", { name: "On for 50 %" }).waitFor();
    const second = await population();
    expect(second.length).toBeGreaterThan(50);
    expect(second.length).toBeLessThan(100);
    expect(first.filter((person) => !second.includes(person))).toEqual([]);
    await page.getByRole("button", { name: "End the rollout" }).click();
    await page.getByRole("button", { name: "End rollout" }).click();
    await page.getByRole("heading", { name: "Not rolled out in stages" }).waitFor();
    expect(await population()).toEqual([]);
    expect(ana.faults).toEqual([]);
  }, 180_000);

  test("variants share the identities, segments are ordered by keyboard, and single users are overridden", async () => {
    const { ana, pageOf, api, projectId } = world;
    const { page } = ana;
    const made = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, {
      name: "banner",
      initial_value: "plain",
      default_enabled: true,
    });
    await ana.goto(pageOf(`features/${made.id}`));
    for (const [key, value] of [
      ["blue", "#00f"],
      ["red", "#f00"],
    ] as const) {
      await page.getByRole("button", { name: "Variant", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "New variant" });
      await dialog.getByRole("textbox", { name: "Key" }).fill(key);
      await dialog.getByRole("textbox", { name: "Value", exact: true }).fill(value);
      await dialog.getByRole("button", { name: "Add variant" }).click();
      await page.getByRole("textbox", { name: `Share of ${key}` }).waitFor();
    }
    await page.getByRole("textbox", { name: "Share of blue" }).fill("60");
    // What others do arrives while one types, and takes nothing of it away.
    const flagPath = `/api/__future__/environments/${world.development.key}/features/${made.id}/`;
    for (const [enabled, word] of [
      [false, "Off"],
      [true, "On"],
    ] as const) {
      await api("PATCH", flagPath, { environment_default: { enabled } });
      await page.getByRole("switch", { name: `${word} in Development` }).waitFor();
    }
    await page.getByRole("textbox", { name: "Share of red" }).fill("50");
    await page.getByText("more than 100 %").waitFor();
    expect(await page.getByText("Somebody else changed").count()).toBe(0);
    await page.getByRole("textbox", { name: "Share of red" }).fill("40");
    await page.getByRole("button", { name: "Save in Development" }).click();
    await page.getByText("Saved banner in Development.").waitFor();
    await ana.inspect("feature-variants");
    const got = new Set<unknown>();
    for (let i = 0; i < 20; i += 1) got.add((await sdk(`person-${i}`)).getValue("banner"));
    expect([...got].sort()).toEqual(["#00f", "#f00"]);

    const rules = (plan: string) => [
      { type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value: plan }] },
    ];
    const ids: number[] = [];
    for (const name of ["Payers", "Testers"]) {
      const body = { name, rules: rules(name) };
      ids.push((await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/segments/`, body)).id);
    }
    await ana.goto(pageOf(`features/${made.id}/segments`));
    for (const name of ["Payers", "Testers"]) {
      await page.getByRole("combobox", { name: "Add a segment" }).fill(name);
      await page.getByRole("option", { name }).click();
      await page.getByRole("button", { name: "Add override" }).click();
      await page.getByRole("link", { name, exact: true }).waitFor();
    }
    const order = () =>
      page
        .getByRole("list", { name: /^Segment overrides/ })
        .getByRole("link")
        .allTextContents();
    expect(await order()).toEqual(["Payers", "Testers"]);
    await ana.inspect("feature-segments");
    await page.getByRole("button", { name: "Move Testers, number 2" }).focus();
    const [payers, testers] = ids;
    const over = (id: number | undefined) => page.getByText(`over droppable area ${id}.`);
    await page.keyboard.press("Space");
    await over(testers).waitFor({ state: "attached" });
    // dnd-kit says where it is a turn before it listens for the arrows.
    for (let presses = 0; presses < 10 && (await over(payers).count()) === 0; presses += 1) {
      await page.keyboard.press("ArrowUp");
      await over(payers)
        .waitFor({ state: "attached", timeout: 2_000 })
        .catch(() => {});
    }
    await over(payers).waitFor({ state: "attached" });
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Move Testers, number 1" }).waitFor();
    expect(await order()).toEqual(["Testers", "Payers"]);
    const flag = await api<{ segment_overrides: { priority: number }[] }>("GET", flagPath);
    expect(flag.segment_overrides).toHaveLength(2);

    await page.getByRole("tab", { name: /^Identities/ }).click();
    await page.getByRole("button", { name: "Add an identity" }).click();
    const dialog = page.getByRole("dialog", { name: /for one identity/ });
    await dialog.getByRole("textbox", { name: "Identifier" }).fill("vip@shop.io");
    await dialog.getByRole("combobox", { name: "They get" }).selectOption("red");
    await dialog.getByRole("checkbox", { name: "On for them" }).check();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("asked for it");
    await ana.inspect("override-form");
    await dialog.getByRole("button", { name: "Save override" }).click();
    await page.getByRole("link", { name: "vip@shop.io" }).waitFor();
    expect((await sdk("vip@shop.io")).getValue("banner")).toBe("#f00");
    await ana.inspect("feature-identities");
    for (const tab of ["Usage", "History", "Settings"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("tabpanel", { name: tab }).waitFor();
      await ana.inspect(`feature-${tab.toLowerCase()}`);
    }
    expect(ana.faults).toEqual([]);
  }, 240_000);

  test("the second of two editors is told", async () => {
    const { ana, pageOf, api, projectId, development } = world;
    const { page } = ana;
    const body = { name: "limit", initial_value: "5" };
    const made = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, body);
    await ana.goto(pageOf(`features/${made.id}`));
    const editor = page.getByRole("textbox", { name: "Value", exact: true });
    await editor.fill("7");
    await api("PATCH", `/api/__future__/environments/${development.key}/features/${made.id}/`, {
      environment_default: { value: { type: "integer", value: "9" } },
    });
    // What the other did appears by itself, and what was typed stays.
    await page.getByText("Somebody else changed this value meanwhile").waitFor();
    expect(await editor.textContent()).toBe("7");
    await ana.inspect("feature-told");
    await page.getByRole("button", { name: "Save in Development" }).click();
    await page.getByRole("dialog", { name: "Somebody else changed this flag" }).waitFor();
    await page.getByRole("button", { name: "Save mine over it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("Saved limit in Development.").waitFor();
    expect((await sdk()).getValue("limit")).toBe(7);
    expect(ana.faults).toEqual([]);
  }, 120_000);
});
