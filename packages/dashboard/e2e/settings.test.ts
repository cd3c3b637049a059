import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { totpCode } from "../../server/src/testing/test-totp.ts";
import { hasChromium } from "./browser.ts";
import { ANA, openWorld, signIn, type World } from "./world.ts";

const VERA = { email: "vera@acme.example", password: "another long phrase 8" };

describe.skipIf(!hasChromium)("settings", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ BURGEE_PRIVATE_WEBHOOKS: "true" });
  }, 120_000);
  afterAll(() => world?.close(), 30_000);

  test("an environment's switches, keys, retention, webhooks and permissions are changed", async () => {
    const { ana, pageOf, api, development } = world;
    const { page } = ana;
    await ana.goto(pageOf("settings"));
    await ana.inspect("settings-general");
    await page.getByRole("textbox", { name: "Description" }).fill("For trying things");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved Development.").waitFor();

    await page.getByRole("tab", { name: "SDKs" }).click();
    await page.getByRole("switch", { name: /^Keep traits/ }).press("Space");
    await page.getByText(/: off\.$/).waitFor();
    await ana.inspect("settings-sdk");
    const stored = await api<{ allow_client_traits: boolean; description: string }>(
      "GET",
      `/api/v1/environments/${development.key}/`,
    );
    expect(stored).toMatchObject({ allow_client_traits: false, description: "For trying things" });

    await page.getByRole("tab", { name: "Keys" }).click();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("checkout server");
    await page.getByRole("button", { name: "Make key" }).click();
    const shown = await page.getByRole("dialog").locator("code").textContent();
    expect(shown).toStartWith("ser.");
    await ana.inspect("settings-key-made");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("checkout server").waitFor();
    await ana.inspect("settings-keys");
    const asked = await fetch(`${world.stage.server.url}/api/v1/environment-document/`, {
      headers: { "X-Environment-Key": shown ?? "" },
    });
    expect(asked.status).toBe(200);

    await page.getByRole("tab", { name: "Identities" }).click();
    await page.getByRole("textbox", { name: /were not seen/ }).fill("90");
    await page.getByText(/Today this would delete 0 of/).waitFor();
    await ana.inspect("settings-retention");

    await page.getByRole("tab", { name: "Webhooks" }).click();
    await ana.inspect("settings-webhooks-empty");
    await page.getByRole("button", { name: "New webhook" }).click();
    const heard: string[] = [];
    const receiver = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        heard.push(await request.text());
        return new Response("thanks");
      },
    });
    await page.getByRole("textbox", { name: "Address" }).fill(`http://127.0.0.1:${receiver.port}/hook`);
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("It answered 200.").waitFor();
    await ana.inspect("settings-webhook-form");
    await page.getByRole("button", { name: "Save webhook" }).click();
    await page.getByRole("button", { name: "Deliveries" }).waitFor();
    await api("POST", `/api/v1/projects/${world.projectId}/features/`, { name: "told" });
    for (let tries = 0; heard.length < 2 && tries < 200; tries += 1) await Bun.sleep(50);
    expect(heard.at(-1)).toContain("told");
    await page.getByRole("button", { name: "Deliveries" }).click();
    await page
      .getByRole("button", { name: /FLAG_UPDATED/ })
      .first()
      .click();
    await page.getByText(/Attempt 1/).waitFor();
    await ana.inspect("settings-deliveries");
    await page.getByRole("button", { name: "Send it again" }).click();
    await page.getByText("It is sent again.").waitFor();
    receiver.stop(true);
    expect(ana.faults).toEqual([]);
  }, 240_000);

  test("an organisation's people, groups, roles and keys are looked after", async () => {
    const { ana, organisationId } = world;
    const { page } = ana;
    await ana.goto(`/organisations/${organisationId}/settings`);
    await page.getByText("ana@acme.example").first().waitFor();
    await ana.inspect("organisation-members");
    await page.getByRole("tab", { name: "Groups" }).click();
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Support");
    await page.getByRole("button", { name: "Save group" }).click();
    await page.getByRole("button", { name: "Change Support" }).waitFor();
    await ana.inspect("organisation-groups");
    await page.getByRole("tab", { name: "Roles" }).click();
    await page.getByRole("button", { name: "New role" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("night shift");
    await page.getByRole("button", { name: "Save role" }).click();
    await page.getByRole("button", { name: "What it allows: night shift" }).click();
    const sees = { name: "See identities, their traits and their overrides." };
    await page.getByRole("checkbox", sees).first().click();
    await page.getByRole("checkbox", { ...sees, checked: true, disabled: false }).waitFor();
    await ana.inspect("organisation-role");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Keys" }).click();
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("terraform");
    await page.getByRole("button", { name: "Make key" }).click();
    const key = await page.getByRole("dialog").locator("code").textContent();
    const answer = await fetch(`${world.stage.server.url}/api/v1/organisations/`, {
      headers: { Authorization: `Api-Key ${key}` },
    });
    expect(answer.status).toBe(200);
    await page.getByRole("button", { name: "I have copied it" }).click();
    await ana.inspect("organisation-keys");
    await page.getByRole("tab", { name: "General" }).click();
    await ana.inspect("organisation-general");
    await ana.goto(`/projects/${world.projectId}/settings`);
    await ana.inspect("project-general");
    await page.getByRole("tab", { name: "Tags" }).click();
    await page.getByRole("button", { name: "New tag" }).click();
    await page.getByRole("textbox", { name: "Tag", exact: true }).fill("checkout");
    await page.getByRole("button", { name: "Save tag" }).click();
    await page.getByRole("button", { name: "Edit checkout" }).waitFor();
    await ana.inspect("project-tags");
    for (const tab of ["Names and limits", "Permissions"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.waitForTimeout(400);
      await ana.inspect(`project-${tab.toLowerCase().replaceAll(" ", "-")}`);
    }
    expect(ana.faults).toEqual([]);
  }, 240_000);

  test("a viewer sees everything and can change nothing", async () => {
    const { ana, api, organisationId, projectId, development, stage, pageOf } = world;
    const feature = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/features/`, { name: "seen" });
    const rules = [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];
    const segment = await api<{ id: number }>("POST", `/api/v1/projects/${projectId}/segments/`, {
      name: "Pros",
      rules,
    });
    const { invites } = await api<{ invites: { link: string }[] }>(
      "POST",
      `/api/v1/organisations/${organisationId}/invite/`,
      { invites: [{ email: VERA.email, role: "USER" }] },
    );
    const vera = await stage.visitor();
    const { page } = vera;
    const hash = invites[0]?.link.split("/").filter(Boolean).pop() ?? "";
    const made = await fetch(`${stage.server.url}/api/v1/auth/users/`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        ...VERA,
        first_name: "Vera",
        last_name: "View",
        invite_hash: hash,
        sign_up_type: "INVITE_EMAIL",
      }),
    });
    expect(made.status).toBe(201);
    const { key, id } = (await made.json()) as { key: string; id: number };
    const headers = { Authorization: `Token ${key}`, "Content-Type": "application/json" };
    await fetch(`${stage.server.url}/api/v1/users/join/${hash}/`, { method: "POST", headers });
    const grant = (path: string, permissions: string[]) => api("POST", path, { user: id, permissions });
    await grant(`/api/v1/projects/${projectId}/user-permissions/`, ["VIEW_PROJECT"]);
    await grant(`/api/v1/environments/${development.key}/user-permissions/`, ["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"]);
    await signIn(vera, VERA);
    const dead = async (name: string | RegExp) => {
      const button = page.getByRole("button", { name }).first();
      await button.waitFor();
      expect(await button.getAttribute("aria-disabled")).toBe("true");
    };
    await vera.goto(pageOf("features"));
    await dead("New feature");
    expect(await page.getByRole("switch", { name: "seen in Development" }).isDisabled()).toBe(true);
    await vera.inspect("viewer-features");
    await vera.goto(pageOf(`features/${feature.id}`));
    expect(await page.getByRole("switch", { name: "Off in Development" }).isDisabled()).toBe(true);
    await dead("Save in Development");
    await vera.goto(pageOf(`segments/${segment.id}`));
    await dead("Save segment");
    await vera.goto(pageOf("segments"));
    await dead("New segment");
    await vera.goto(pageOf("settings"));
    await dead("Delete environment");
    await vera.goto(pageOf("audit"));
    await page.getByText("Not yours to see").waitFor();
    for (const [method, path, body] of [
      [
        "PATCH",
        `/api/__future__/environments/${development.key}/features/${feature.id}/`,
        { environment_default: { enabled: true } },
      ],
      ["POST", `/api/v1/projects/${projectId}/segments/`, { name: "x", rules }],
      ["PATCH", `/api/v1/environments/${development.key}/`, { name: "x" }],
      ["POST", `/api/v1/environments/${development.key}/identities/`, { identifier: "x" }],
    ] as const) {
      const answer = await fetch(`${stage.server.url}${path}`, { method, headers, body: JSON.stringify(body) });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect(vera.faults).toEqual([]);
    expect(ana.faults).toEqual([]);
  }, 240_000);

  test("two-factor is set up by hand, and asked for at the next sign-in, where a backup code does too", async () => {
    const { ana } = world;
    const { page } = ana;
    await ana.goto("/account");
    await ana.inspect("account");
    await page.getByRole("button", { name: "Set up" }).click();
    await page.getByRole("button", { name: "Show the code to scan" }).click();
    const secret = (await page.getByRole("dialog").locator("code").first().textContent()) ?? "";
    await ana.inspect("two-factor");
    await page.getByRole("textbox", { name: "The six digits it shows" }).fill("000000");
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("Code invalid or expired.").waitFor();
    await page.getByRole("textbox", { name: "The six digits it shows" }).fill(totpCode(secret, Date.now()));
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("Keep these backup codes").waitFor();
    const backup = await page.getByRole("dialog").locator("code").allTextContents();
    expect(backup.length).toBeGreaterThan(4);
    await page.getByRole("button", { name: "I have kept them" }).click();
    const again = async (code: string) => {
      await page.getByRole("button", { name: /^Account of/ }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).click();
      await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
      await page.getByLabel("E-mail address").fill(ANA.email);
      await page.getByRole("textbox", { name: "Password" }).fill(ANA.password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("textbox", { name: /code/i }).fill(code);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: /^Account of/ }).waitFor();
    };
    await again(totpCode(secret, Date.now() + 30_000));
    await again(backup[0] ?? "");
    expect(ana.faults).toEqual([]);
  }, 240_000);
});
