import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runBurgee } from "@burgee/server/testing";
import { totpCode } from "../../server/src/testing/test-totp.ts";
import { hasChromium, openStage, type Stage, type Visitor } from "./browser.ts";

const PASSWORD = "a long enough phrase 7";
const EMAIL = "ana@acme.example";

/** Asks the API as the page would: with its cookies and its origin. */
async function ask<T>({ page }: Visitor, path: string, data: unknown): Promise<T> {
  const answer = await page.request.post(path, { data, headers: { Origin: new URL(page.url()).origin } });
  expect([path, answer.status() < 300, await answer.text()]).toEqual([path, true, expect.anything()]);
  return answer.json() as Promise<T>;
}

async function signIn({ page }: Visitor, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

describe.skipIf(!hasChromium)("getting in", () => {
  let stage: Stage;
  let ana: Visitor;
  let organisation = 0;

  beforeAll(async () => {
    stage = await openStage();
    const answer = await fetch(`${stage.server.url}/api/v1${stage.setupPath}/`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: EMAIL, password: PASSWORD, first_name: "Ana", organisation_name: "Acme" }),
    });
    expect(answer.status).toBe(201);
    const made = (await answer.json()) as { organisation: { id: number } };
    organisation = made.organisation.id;
    ana = await stage.visitor();
  }, 120_000);
  afterAll(() => stage?.close(), 30_000);

  test("without a project, one is asked for; it comes with two environments", async () => {
    const { page } = ana;
    await ana.goto("/");
    await signIn(ana, EMAIL, PASSWORD);
    await page.getByRole("heading", { level: 1, name: "Your first project" }).waitFor();
    await ana.inspect("first-project");
    await page.getByLabel("Project’s name").fill("Shop");
    await page.getByRole("button", { name: "Create project" }).click();
    await page.getByRole("heading", { level: 1, name: "Connect your app" }).waitFor();
    await page.getByRole("button", { name: "Environment: Development" }).click();
    await page.getByRole("menuitem", { name: /Production/ }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 120_000);

  test("an invitation makes an account and a member; a link that is no invitation does not", async () => {
    const { invites } = await ask<{ invites: { link: string }[] }>(
      ana,
      `/api/v1/organisations/${organisation}/invite/`,
      {
        invites: [{ email: "sam@acme.example", role: "USER" }],
      },
    );
    const path = new URL(invites[0]?.link ?? "").pathname;
    const sam = await stage.visitor();
    await sam.goto(path);
    await sam.inspect("invite");
    await sam.page.getByLabel("First name").fill("Sam");
    await sam.page.getByLabel("Last name").fill("Lee");
    await sam.page.getByLabel("E-mail address").fill("sam@acme.example");
    await sam.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await sam.page.getByRole("button", { name: "Make an account and join" }).click();
    await sam.page.getByText("You are now a member of Acme.").waitFor();
    expect(sam.faults).toEqual([]);

    const stranger = await stage.visitor();
    await stranger.goto("/invite/not-a-real-one");
    await stranger.page.getByLabel("First name").fill("Eve");
    await stranger.page.getByLabel("Last name").fill("X");
    await stranger.page.getByLabel("E-mail address").fill("eve@evil.example");
    await stranger.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await stranger.page.getByRole("button", { name: "Make an account and join" }).click();
    await stranger.page.getByText(/without an invite is disabled/).waitFor();
  }, 120_000);

  test("with two factors, the password alone opens nothing", async () => {
    const { page } = ana;
    const { totpURI } = await ask<{ totpURI: string }>(ana, "/api/auth/two-factor/enable", { password: PASSWORD });
    const secret = new URL(totpURI).searchParams.get("secret") ?? "";
    await ask(ana, "/api/auth/two-factor/verify-totp", { code: totpCode(secret, Date.now()) });
    await ana.context.clearCookies();
    await ana.goto("/account");
    await signIn(ana, EMAIL, PASSWORD);
    await page.getByRole("heading", { level: 1, name: "Second factor" }).waitFor();
    await ana.inspect("two-factor");
    expect((await page.request.get("/api/v1/auth/users/me/")).status()).toBe(401);
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Code").fill(totpCode(secret, Date.now()));
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { level: 1, name: "Your account" }).waitFor();
    expect(ana.faults).toEqual([]);
  }, 120_000);

  test("a forgotten password is replaced by the operator's link, once", async () => {
    const { stdout } = await runBurgee(stage.server.folder, ["reset-password", "--email", "sam@acme.example"]);
    const path = /\/password-reset\/confirm\/\S+/.exec(stdout)?.[0] ?? "";
    const sam = await stage.visitor();
    const { page } = sam;
    const set = async () => {
      await sam.goto(path);
      await page.getByRole("textbox", { name: "New password" }).fill("another phrase altogether 8");
      await page.getByRole("textbox", { name: "Once more" }).fill("another phrase altogether 8");
    };
    await set();
    await sam.inspect("password-reset");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await signIn(sam, "sam@acme.example", "another phrase altogether 8");
    await page.getByRole("button", { name: /Account of/ }).waitFor();
    await set();
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText(/used up/).waitFor();
    expect(sam.faults).toEqual([]);
  }, 120_000);

  test("a set-up link that is used up says so", async () => {
    const late = await stage.visitor();
    await late.goto(stage.setupPath);
    await late.page.getByText("This link is used up").waitFor();
    await late.inspect("setup-used");
    expect(late.faults).toEqual([]);
  }, 120_000);
});
