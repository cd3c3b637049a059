import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hasChromium, openStage, type Stage, type Visitor } from "./browser.ts";

const PASSWORD = "a long enough phrase 7";

describe.skipIf(!hasChromium)("first run", () => {
  let stage: Stage;
  let ana: Visitor;
  beforeAll(async () => {
    stage = await openStage();
    ana = await stage.visitor();
  }, 120_000);
  afterAll(() => stage?.close(), 30_000);

  test("the set-up link leads from nothing to an application that asks for its flags", async () => {
    const { page } = ana;
    await ana.goto(stage.setupPath);
    await ana.inspect("setup-account");
    await page.getByLabel("First name").fill("Ana");
    await page.getByLabel("Last name").fill("Ruiz");
    await page.getByLabel("E-mail address").fill("ana@acme.example");
    await page.getByRole("textbox", { name: "Password" }).fill("short");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Organisation").fill("Acme");
    await page.getByLabel("Project").fill("Shop");
    await ana.inspect("setup-names");
    await page.getByRole("button", { name: "Create" }).click();
    // The password is refused: back at the account, with the reason at the field.
    await page.getByText(/too short/i).waitFor();
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Create" }).click();

    await page.getByRole("heading", { name: "Connect your app" }).waitFor();
    await page.getByText("No user seen yet").waitFor();
    await ana.inspect("connect");
    const key = decodeURIComponent(new URL(page.url()).pathname.split("/")[4] ?? "");
    await page.getByRole("tab", { name: "Python" }).click();
    expect(await page.locator("pre:visible").last().textContent()).toContain(key);

    const answer = await fetch(`${stage.server.url}/api/v1/identities/`, {
      method: "POST",
      headers: { "X-Environment-Key": key, "Content-Type": "application/json" },
      body: JSON.stringify({ identifier: "first user@shop.io", traits: [] }),
    });
    expect(answer.status).toBe(200);
    await page.getByText("It works").waitFor();
    await page.getByRole("link", { name: "See what they get" }).click();
    await page.getByRole("heading", { level: 1, name: "first user@shop.io" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 120_000);

  test("the frame takes one anywhere: rail, environments with production marked, palette, colours", async () => {
    const { page } = ana;
    await ana.goto("/");
    await page.getByRole("heading", { level: 1, name: "Features" }).waitFor();
    await ana.inspect("features");
    await page.getByRole("button", { name: "Environment: Development" }).click();
    await page.getByRole("menuitem", { name: /Production/ }).click();
    await page.getByRole("button", { name: "Environment: Production" }).waitFor();
    await ana.inspect("production");

    await page.keyboard.press("Control+k");
    const search = page.getByRole("textbox", { name: "Search or jump to" });
    await search.fill("seg");
    await ana.inspect("palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Segments" }).waitFor();

    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Dark" }).click();
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Segments" }).waitFor();
    expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "As the system" }).click();
    expect(ana.faults).toEqual([]);
  }, 120_000);

  test("signing out and in again comes back to the page that was asked for", async () => {
    const { page } = ana;
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await page.goto("/account");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await ana.inspect("login");
    await page.getByLabel("E-mail address").fill("ana@acme.example");
    await page.getByRole("textbox", { name: "Password" }).fill("not this one, sorry");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Your account" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 120_000);
});
