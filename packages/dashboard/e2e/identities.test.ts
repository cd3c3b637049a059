import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Flagsmith } from "flagsmith-nodejs";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

const ANA = "ana@shop.io";

interface Made {
  readonly id: number;
}

/** Features that show every source of a value, and a handful of users. */
async function fill(world: World) {
  const features = `/api/v1/projects/${world.projectId}/features/`;
  const make = (body: object) => world.api<Made>("POST", features, body);
  const search = await make({ name: "new_search", initial_value: "classic", default_enabled: false });
  const checkout = await make({ name: "checkout_v2", initial_value: "grey", default_enabled: true });
  await make({ name: "billing_banner", initial_value: "Your plan ends soon", default_enabled: true });
  await make({ name: "dark_mode", default_enabled: false });
  for (const [key, share] of [
    ["blue", 50],
    ["green", 30],
  ] as const) {
    await world.api("POST", `${features}${checkout.id}/mv-options/`, {
      type: "unicode",
      string_value: `#${key}`,
      key,
      default_percentage_allocation: share,
    });
  }
  const rules = [
    {
      type: "ALL",
      conditions: [],
      rules: [
        { type: "ANY", rules: [], conditions: [{ operator: "IN", property: "plan", value: "pro,scale" }] },
        { type: "ANY", rules: [], conditions: [{ operator: "GREATER_THAN_INCLUSIVE", property: "age", value: "21" }] },
        { type: "NONE", rules: [], conditions: [{ operator: "CONTAINS", property: "email", value: "@acme.com" }] },
      ],
    },
  ];
  const segment = await world.api<Made>("POST", `/api/v1/projects/${world.projectId}/segments/`, {
    name: "Beta testers",
    rules,
  });
  const half = [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "country", value: "FR" }] }];
  await world.api<Made>("POST", `/api/v1/projects/${world.projectId}/segments/`, { name: "French", rules: half });
  await world.api("PATCH", `/api/__future__/environments/${world.development.key}/features/${search.id}/`, {
    segment_overrides: [{ segment: { id: segment.id }, enabled: true, value: { type: "string", value: "vector" } }],
  });
  await world.identify(ANA, { plan: "pro", age: 34, beta: true, country: "DE", score: 4.5, email: ANA });
  for (let i = 0; i < 30; i += 1) {
    await world.identify(`user-${i}@shop.io`, {
      plan: i % 3 ? "free" : "pro",
      age: 18 + i,
      country: i % 2 ? "FR" : "DE",
    });
  }
}

describe.skipIf(!hasChromium)("identities", () => {
  let world: World;

  beforeAll(async () => {
    world = await openWorld();
    await fill(world);
  }, 300_000);
  afterAll(() => world?.close(), 30_000);

  test("support finds out why, overrides with an end, and the application sees it", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("identities"));
    await page.getByText("31 identities", { exact: true }).waitFor();
    await ana.inspect("identities");
    const box = page.getByRole("combobox", { name: "Search identities" });
    await box.fill("pla");
    await page.getByRole("option", { name: /^plan/ }).click();
    await box.press("p");
    await page.getByRole("option", { name: /“pro”/ }).waitFor();
    await ana.inspect("identities-completion");
    await page.getByRole("option", { name: /“pro”/ }).click();
    // It is searched for by itself meanwhile, and what is typed next is still a word of its own.
    await page.waitForURL(/q=plan%3Apro$/);
    await box.pressSequentially("has(score)");
    await box.press("Enter");
    await page.getByText("1 of 31 identities").waitFor();
    await ana.inspect("identities-found");
    expect(new URL(page.url()).searchParams.get("q")).toBe("plan:pro has(score)");
    await page.getByRole("link", { name: ANA }).click();
    await page.getByRole("list", { name: "Flags" }).waitFor();
    await ana.inspect("identity-features");
    await page.getByRole("button", { name: "Why new_search" }).click();
    await page.getByText("plan is one of pro, scale").waitFor();
    await page.getByText('On with "vector", because it is in segment "Beta testers".').waitFor();
    await ana.inspect("identity-why");
    await page.getByRole("button", { name: "Why new_search" }).click();
    await page.getByRole("button", { name: "Override checkout_v2" }).click();
    const form = page.getByRole("form", { name: "Override checkout_v2" });
    await form.getByRole("combobox", { name: "What it gets" }).selectOption("green");
    await form.getByRole("textbox", { name: "Reason" }).fill("Ticket 4711");
    await form.getByRole("combobox", { name: "Until" }).selectOption("week");
    await ana.inspect("identity-override");
    await form.getByRole("button", { name: "Override", exact: true }).click();
    await page
      .getByText(/ends in 7 days.*Ticket 4711|Ticket 4711/)
      .first()
      .waitFor();
    const flagsmith = new Flagsmith({
      environmentKey: world.development.key,
      apiUrl: `${world.stage.server.url}/api/v1/`,
    });
    const flags = await flagsmith.getIdentityFlags(ANA);
    expect([flags.isFeatureEnabled("checkout_v2"), flags.getFeatureValue("checkout_v2")]).toEqual([true, "#green"]);
    await page.getByText("Overridden", { exact: true }).click();
    await page.getByRole("button", { name: "Override new_search" }).waitFor({ state: "detached" });
    await ana.inspect("identity-overridden");
    await page.getByRole("button", { name: "Reset checkout_v2" }).click();
    await page.getByText("Nothing is overridden for this identity.").waitFor();
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.getByRole("button", { name: "Reset checkout_v2" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("traits are edited as what they are, segments say why, and what if stores nothing", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf(`identities/${encodeURIComponent(ANA)}/traits`));
    await page.getByRole("list", { name: "Traits" }).waitFor();
    await ana.inspect("identity-traits");
    await page.getByRole("button", { name: "Edit age" }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("nineteen");
    await page.getByRole("button", { name: "Save trait" }).click();
    await page.getByText("That is not a number.").waitFor();
    await ana.inspect("identity-trait-edit");
    await page.getByRole("textbox", { name: "Value" }).fill("19");
    await page.getByRole("button", { name: "Save trait" }).click();
    await page.getByRole("button", { name: "Edit age" }).waitFor();
    await page.getByRole("tab", { name: /^Segments/ }).click();
    await page.getByText("age is less than 21 (it is 19)").waitFor();
    await page.getByRole("button", { name: "Why not in Beta testers" }).click();
    await page.getByText("age is at least 21").waitFor();
    await ana.inspect("identity-segments");
    await page.getByRole("tab", { name: "Try it" }).click();
    await ana.inspect("identity-try-empty");
    await page.getByRole("button", { name: "Change age" }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("40");
    await page.getByRole("button", { name: "Try it", exact: true }).click();
    await page.getByRole("heading", { name: "1 flag would change" }).waitFor();
    await page.getByText("Would join: Beta testers").waitFor();
    await ana.inspect("identity-try");
    const record = await world.api<{ traits: { key: string; value: unknown }[] }>(
      "GET",
      `/api/v1/environments/${world.development.key}/identities/by-identifier/${encodeURIComponent(ANA)}/`,
    );
    expect(record.traits.find(({ key }) => key === "age")?.value).toBe(19);
    await page.getByRole("tab", { name: "Activity" }).click();
    await page.getByRole("list", { name: "Changes" }).waitFor();
    await ana.inspect("identity-activity");
    await page.getByRole("tab", { name: "Compare" }).click();
    await page.getByRole("switch", { name: "Show all" }).press("Space");
    await page.getByRole("list", { name: "Flags side by side" }).waitFor();
    await ana.inspect("identity-compare-environment");
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("a search says what is wrong, keeps views and columns, and many are changed at once", async () => {
    const { ana, pageOf } = world;
    const { page } = ana;
    await ana.goto(pageOf("identities?q=segment:nobody"));
    await page
      .getByText(/nobody/)
      .last()
      .waitFor();
    const box = page.getByRole("combobox", { name: "Search identities" });
    await box.fill("plan:pro (age>5");
    await box.press("Enter");
    await page.getByText("This ( is never closed.").waitFor();
    await ana.inspect("identities-fault");
    await box.fill("country:FR");
    await box.press("Enter");
    await page.getByText("15 of 31 identities").waitFor();
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "plan", exact: true }).check();
    await ana.inspect("identities-columns");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Identifier" }).click();
    await page.getByRole("button", { name: "Saved views" }).click();
    await page.getByRole("textbox", { name: "Save this view as" }).fill("The French");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page
      .getByRole("button", { name: /^The French/ })
      .first()
      .waitFor();
    await ana.inspect("identities-views");
    await page.keyboard.press("Escape");
    await ana.goto(pageOf("identities"));
    await page.getByRole("button", { name: "Saved views" }).click();
    await page.getByRole("button", { name: /^The French/ }).click();
    await page.getByText("15 of 31 identities").waitFor();
    expect(new URL(page.url()).searchParams.get("sort")).toBe("identifier");

    await page.getByRole("checkbox", { name: "Select user-1@shop.io" }).check();
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByText("15 selected").waitFor();
    await ana.inspect("identities-selected");
    await page.getByRole("button", { name: "Override a feature…" }).click();
    const dialog = page.getByRole("dialog", { name: "Override a feature" });
    await dialog.getByRole("combobox", { name: "Feature" }).fill("dark");
    await page.getByRole("option", { name: "dark_mode" }).click();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("French week");
    await ana.inspect("bulk-override");
    await dialog.getByRole("button", { name: "Count first" }).click();
    await dialog.getByText("New overrides").waitFor();
    await ana.inspect("bulk-counts");
    await dialog.getByRole("button", { name: "Override for 15 identities" }).click();
    await dialog.getByText("Done: 15 of 15, 15 changed").waitFor();
    await ana.inspect("bulk-done");
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("link", { name: "override 1 of user-1@shop.io" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("the second of two editors is told, and in production everybody is warned", async () => {
    const { ana, api, development, production, projectId } = world;
    const { page } = ana;
    const override = (place: { key: string }) =>
      `/api/v1/environments/${place.key}/identities/by-identifier/two%40shop.io/overrides/dark_mode/`;
    await world.identify("two@shop.io", {}, production);
    await ana.goto(`/projects/${projectId}/environments/${production.key}/identities/two%40shop.io`);
    await page.getByRole("button", { name: "Override dark_mode" }).click();
    await page.getByText("This is Production").waitFor();
    await page.getByRole("textbox", { name: "Reason" }).fill("Mine");
    await api("PUT", override(production), { enabled: true, reason: "Theirs" });
    await page
      .getByRole("form")
      .getByRole("button", { name: /^(Override|Save override)$/ })
      .click();
    await page.getByText("Somebody else was quicker").waitFor();
    await ana.inspect("identity-conflict");
    await page.getByRole("button", { name: "Show theirs" }).click();
    await page.getByRole("textbox", { name: "Reason" }).and(page.locator('[value="Theirs"]')).waitFor();
    await page.getByRole("textbox", { name: "Reason" }).fill("Both");
    await page.getByRole("button", { name: "Save override" }).click();
    await page
      .getByText(/: Both/)
      .first()
      .waitFor();
    expect(await api<{ reason: string }>("GET", override(production))).toMatchObject({ reason: "Both" });
    await page.getByRole("button", { name: "Reset dark_mode" }).click();
    await page.getByRole("dialog", { name: "Reset dark_mode for two@shop.io?" }).waitFor();
    await page.getByRole("button", { name: "Reset override" }).click();
    await page.getByRole("button", { name: "Override dark_mode" }).waitFor();
    expect(development.key).not.toBe(production.key);
    expect(ana.faults).toEqual([]);
  }, 300_000);

  test("another identity is compared with, and its overrides are copied; the first is erased with a receipt", async () => {
    const { ana, pageOf, api, development } = world;
    const { page } = ana;
    const of = (identifier: string) =>
      `/api/v1/environments/${development.key}/identities/by-identifier/${encodeURIComponent(identifier)}/`;
    await api("PUT", `${of("user-2@shop.io")}overrides/billing_banner/`, { enabled: false, reason: "Paid by invoice" });
    await ana.goto(pageOf(`identities/${encodeURIComponent(ANA)}/compare`));
    await page.getByText("With another identity").click();
    await page.getByRole("combobox", { name: "Other identity" }).fill("user-2@");
    await page.getByRole("option", { name: "user-2@shop.io" }).click();
    await page.getByRole("checkbox", { name: "Select billing_banner" }).check();
    await ana.inspect("identity-compare");
    await page.getByRole("button", { name: "Copy 1 override" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Copy overrides" }).click();
    await page.getByText(/^Copied 1 to/).waitFor();
    const copied = await api<{ enabled: boolean; reason: string }>("GET", `${of(ANA)}overrides/billing_banner/`);
    expect(copied).toMatchObject({ enabled: false, reason: "Paid by invoice" });

    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete from Development" }).click();
    await ana.inspect("identity-delete");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Erase everywhere" }).click();
    const dialog = page.getByRole("dialog", { name: /^Erase/ });
    await dialog.getByText(/^Development: the identity with its traits/).waitFor();
    await ana.inspect("identity-erase");
    await dialog.getByRole("textbox", { name: `Type ${ANA} to go on` }).fill(ANA);
    await dialog.getByRole("button", { name: "Erase everywhere" }).click();
    await page.getByText("Nothing of it is left.", { exact: false }).waitFor();
    await ana.inspect("identity-erased");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("heading", { level: 1, name: "Identities" }).waitFor();
    await page.getByRole("link", { name: ANA }).waitFor({ state: "detached" });
    await ana.goto(pageOf(`identities/${encodeURIComponent(ANA)}`));
    await page.getByRole("heading", { name: "Not seen in Development" }).waitFor();
    await ana.inspect("identity-unknown");
    expect(ana.faults).toEqual([]);
  }, 300_000);
});
