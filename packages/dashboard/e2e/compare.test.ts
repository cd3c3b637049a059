import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hasChromium } from "./browser.ts";
import { openWorld, type World } from "./world.ts";

interface Flag {
  readonly environment_default: { readonly enabled: boolean; readonly value: { readonly value: string } | null };
}

describe.skipIf(!hasChromium)("comparing environments", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close(), 30_000);

  test("what differs comes first, and what is chosen is copied to production, with a way back", async () => {
    const { ana, api, projectId, development, production, pageOf } = world;
    const { page } = ana;
    const make = (name: string, initial_value: string | null = null) =>
      api<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, { name, initial_value });
    const checkout = await make("new_checkout");
    const colour = await make("button_colour", "grey");
    await make("search_box");
    await api("PATCH", `/api/v1/projects/${projectId}/features/${(await make("old")).id}/`, { is_archived: true });
    const flagOf = (key: string, id: number) => `/api/__future__/environments/${key}/features/${id}/`;
    await api("PATCH", flagOf(development.key, checkout.id), { environment_default: { enabled: true } });
    await api("PATCH", flagOf(development.key, colour.id), {
      environment_default: { value: { type: "string", value: "blue" } },
    });
    const inProduction = async (id: number) => (await api<Flag>("GET", flagOf(production.key, id))).environment_default;

    await ana.goto(pageOf("compare"));
    await page.getByText("2 of 3 features differ").waitFor();
    await page.getByRole("switch", { name: "Show those that are the same" }).press("Space");
    await page.getByText("search_box").waitFor();
    expect(await page.getByText("old", { exact: true }).count()).toBe(0);
    await page.getByRole("checkbox", { name: "Select new_checkout" }).click();
    await page.getByRole("checkbox", { name: "Select button_colour" }).click();
    await ana.inspect("compare");
    await page.getByRole("button", { name: "Copy 2 features to Production" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("This is Production").waitFor();
    await ana.inspect("compare-copy");
    await dialog.getByRole("button", { name: "Copy to Production" }).click();
    await page.getByText("Copied 2 features to Production.").waitFor();
    await page.getByText("No feature differs").waitFor();
    expect(await inProduction(checkout.id)).toMatchObject({ enabled: true });
    expect(await inProduction(colour.id)).toMatchObject({ value: { value: "blue" } });

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    await page.getByText("2 of 3 features differ").waitFor();
    expect(await inProduction(checkout.id)).toMatchObject({ enabled: false });
    expect(await inProduction(colour.id)).toMatchObject({ value: { value: "grey" } });
    expect(ana.faults).toEqual([]);
  }, 180_000);
});
