/** The environment document on a socket: content, conditional GET, keys, and what moves its timestamp. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { buildDocument, clientKey, type DocumentInput, serverKey } from "./builders.ts";
import { changeEnvironment, setEnabled } from "./configuration.ts";
import { type RawResponse, send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";
import { flagRows } from "./wire-case.ts";

const rich: DocumentInput = {
  id: 1,
  environment: { hide_disabled_flags: true, hide_sensitive_data: true },
  features: [
    { name: "on", enabled: true, value: "x" },
    { name: "off", enabled: false, value: 12 },
    { name: "secret", enabled: true, value: true, serverKeyOnly: true },
    {
      name: "colour",
      enabled: true,
      value: "grey",
      variants: [
        { key: "b", value: "blue", weight: 33.3 },
        { key: null, value: "green", weight: 20 },
      ],
    },
  ],
  segments: [
    {
      name: "pro",
      conditions: [
        { property: "plan", operator: "IN", value: "pro,scale" },
        { property: "beta", operator: "IS_SET", value: null },
      ],
      overrides: [{ feature: "on", enabled: false, value: "p", priority: 4 }],
    },
    { name: "nobody's", rules: [{ type: "NONE", rules: [{ type: "ANY" }] }] },
  ],
  identities: [
    { identifier: "ann", overrides: [{ feature: "off", enabled: true, value: "a" }] },
    {
      identifier: "bob",
      overrides: [
        { feature: "colour", enabled: true, value: "c", variants: [{ key: "b", value: "blue", weight: 100 }] },
      ],
    },
  ],
};

let served: ServedApp;
/** Whole seconds, so that every change is in a second of its own. */
let clock = 1_800_000_000_250;

beforeAll(async () => {
  served = await serveTestApp({ now: () => clock });
  await served.importDocument(buildDocument(rich), serverKey(1));
  const withoutOverrides = { ...rich, id: 2, environment: { use_identity_overrides_in_local_eval: false } };
  await served.importDocument(buildDocument(withoutOverrides), serverKey(2));
  await served.importDocument(buildDocument({ id: 3, features: [{ name: "on" }] }), serverKey(3));
});
afterAll(() => served.close());

function getDocument(headers: Readonly<Record<string, string>> = {}, id = 1): Promise<RawResponse> {
  return send(served.port, {
    path: "/api/v1/environment-document/",
    headers: { "X-Environment-Key": serverKey(id), ...headers },
  });
}

const STAMP = "x-flagsmith-document-updated-at";

describe("the document", () => {
  test("holds what was imported, disabled and server-only features included, whatever is hidden from flags", async () => {
    const response = await getDocument();
    expect(response.status).toBe(200);
    const expected = buildDocument(rich);
    const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(JSON.parse(response.text)).toEqual({
      ...expected,
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
      identity_overrides: expected.identity_overrides.map((identity) => ({ ...identity, identity_uuid: uuid })),
    });
  });

  test("has no identity overrides where the environment does not share them", async () => {
    const document = JSON.parse((await getDocument({}, 2)).text);
    expect(document.identity_overrides).toEqual([]);
    expect(document.use_identity_overrides_in_local_eval).toBe(false);
    expect(document.api_key).toBe(clientKey(2));
  });

  test("never shows traits of identities, nor identities without overrides", async () => {
    const body = { identifier: "ann", traits: [{ trait_key: "hush", trait_value: "hush-value" }] };
    const headers = { "X-Environment-Key": clientKey(1), "Content-Type": "application/json" };
    const identify = (json: unknown) =>
      send(served.port, { method: "POST", path: "/api/v1/identities/", headers, body: JSON.stringify(json) });
    expect((await identify(body)).status).toBe(200);
    expect((await identify({ identifier: "plain-user" })).status).toBe(200);
    const { text } = await getDocument();
    expect(text).not.toContain("hush");
    expect(text).not.toContain("plain-user");
  });
});

describe("a conditional GET", () => {
  const second = () => new Date(Math.floor(clock / 1000) * 1000);
  const before = () => new Date(second().getTime() - 1000).toUTCString();

  test("Last-Modified is the second of the last change", async () => {
    const { headers } = await getDocument();
    expect(headers["last-modified"]).toBe(second().toUTCString());
    expect(headers[STAMP]).toBe("1800000000.250000");
  });

  test("not modified since: 304, without a body and without the timestamp", async () => {
    for (const since of [second().toUTCString(), "Fri, 31 Dec 2100 23:59:59 GMT"]) {
      const response = await getDocument({ "If-Modified-Since": since });
      expect(response.status).toBe(304);
      expect(response.text).toBe("");
      expect(response.headers[STAMP]).toBeUndefined();
      expect(response.headers["etag"]).toBeUndefined();
    }
  });

  test("modified since: 200", async () => {
    expect((await getDocument({ "If-Modified-Since": before() })).status).toBe(200);
  });

  test("two changes in one second: whoever has the first is not told that it has both", async () => {
    clock += 60_000 - (clock % 1000);
    for (const enabled of [false, true]) {
      await changeEnvironment(served.app.changes, 1, setEnabled(1001, enabled));
      clock += 300;
    }
    const since = second().toUTCString();
    expect((await getDocument({ "If-Modified-Since": since })).status).toBe(200);
    clock += 60_000;
    await changeEnvironment(served.app.changes, 1, setEnabled(1001, true));
    expect((await getDocument({ "If-Modified-Since": since })).status).toBe(200);
    expect((await getDocument({ "If-Modified-Since": second().toUTCString() })).status).toBe(304);
  });

  test("a date that is none is ignored", async () => {
    for (const nonsense of ["", "yesterday", "2100", "2100-01-01", "0", "Fri, 99 Foo 2100 00:00:00 GMT"]) {
      const response = await getDocument({ "If-Modified-Since": nonsense, "If-Unmodified-Since": nonsense });
      expect(`${nonsense}: ${response.status}`).toBe(`${nonsense}: 200`);
    }
  });

  test("modified since what If-Unmodified-Since says: 412", async () => {
    expect((await getDocument({ "If-Unmodified-Since": before() })).status).toBe(412);
    expect((await getDocument({ "If-Unmodified-Since": second().toUTCString() })).status).toBe(200);
  });

  test("HEAD is conditional too", async () => {
    const headers = { "X-Environment-Key": serverKey(1), "If-Modified-Since": second().toUTCString() };
    const response = await send(served.port, { method: "HEAD", path: "/api/v1/environment-document/", headers });
    expect(response.status).toBe(304);
  });

  test("a change is seen at once by document, flags, identities and headers, and one time stands on all of them", async () => {
    const since = second().toUTCString();
    clock += 60_000;
    await changeEnvironment(served.app.changes, 1, setEnabled(1001, false));
    const response = await getDocument({ "If-Modified-Since": since });
    expect(response.status).toBe(200);
    const document = JSON.parse(response.text);
    expect(document.feature_states[0].enabled).toBe(false);
    expect(document.updated_at).toBe(new Date(clock).toISOString().replace("Z", "000+00:00"));
    const key = { "X-Environment-Key": serverKey(1) };
    const flags = await send(served.port, { path: "/api/v1/flags/", headers: key });
    expect(Object.keys(flagRows(JSON.parse(flags.text)))).toEqual(["secret", "colour"]);
    const identity = await send(served.port, { path: "/api/v1/identities/?identifier=zoe", headers: key });
    const stamp = String((clock / 1000).toFixed(6));
    expect([response.headers[STAMP], flags.headers[STAMP], identity.headers[STAMP]]).toEqual([stamp, stamp, stamp]);
    await changeEnvironment(served.app.changes, 1, setEnabled(1001, true));
  });

  test("time never runs backwards, whatever the clock does", async () => {
    const stamps: number[] = [];
    for (const step of [0, -3_600_000, 0, 10]) {
      clock += step;
      await changeEnvironment(served.app.changes, 1);
      stamps.push(Number((await getDocument()).headers[STAMP]));
    }
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
  });

  test("identities and traits do not move it", async () => {
    const stamp = (await getDocument({}, 3)).headers[STAMP];
    clock += 5000;
    const headers = { "X-Environment-Key": clientKey(3), "Content-Type": "application/json" };
    const body = JSON.stringify({ identifier: "mover", traits: [{ trait_key: "a", trait_value: 1 }] });
    expect((await send(served.port, { method: "POST", path: "/api/v1/identities/", headers, body })).status).toBe(200);
    expect((await getDocument({}, 3)).headers[STAMP]).toBe(stamp);
  });
});

describe("server keys", () => {
  const status = async (key: string) =>
    (await send(served.port, { path: "/api/v1/environment-document/", headers: { "X-Environment-Key": key } })).status;
  const addKey = (key: string, active: number, expiresAt: number | null) =>
    changeEnvironment(served.app.changes, 3, (trx) =>
      trx
        .insertInto("environment_keys")
        .values({ environment_id: 3, key, name: key, active, created_at: clock, expires_at: expiresAt })
        .execute(),
    );

  test("several work at once", async () => {
    await addKey("ser.second", 1, null);
    expect([await status("ser.second"), await status(serverKey(3))]).toEqual([200, 200]);
  });

  test("an inactive one is unknown", async () => {
    await addKey("ser.inactive", 0, null);
    expect(await status("ser.inactive")).toBe(403);
  });

  test("one expires at its time, without any change", async () => {
    await addKey("ser.brief", 1, clock + 10_000);
    expect(await status("ser.brief")).toBe(200);
    clock += 10_000;
    expect(await status("ser.brief")).toBe(403);
    await addKey("ser.expired", 1, clock - 1);
    expect(await status("ser.expired")).toBe(403);
  });

  test("one that is deactivated stops working at once", async () => {
    expect(await status("ser.second")).toBe(200);
    await changeEnvironment(served.app.changes, 3, (trx) =>
      trx.updateTable("environment_keys").set({ active: 0 }).where("key", "=", "ser.second").execute(),
    );
    expect(await status("ser.second")).toBe(403);
  });

  test("one that was unknown a moment ago works once it is there", async () => {
    expect(await status("ser.late")).toBe(403);
    await addKey("ser.late", 1, null);
    expect(await status("ser.late")).toBe(200);
  });
});

describe("features", () => {
  test("description, initial value and default come from the feature", async () => {
    await changeEnvironment(served.app.changes, 3, (trx) =>
      trx
        .updateTable("features")
        .set({ description: "what it is", initial_value: "12", default_enabled: 1 })
        .where("id", "=", 3001)
        .execute(),
    );
    const { text } = await send(served.port, {
      path: "/api/v1/flags/",
      headers: { "X-Environment-Key": clientKey(3) },
    });
    expect(JSON.parse(text)[0].feature).toEqual({
      id: 3001,
      name: "on",
      type: "STANDARD",
      created_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      description: "what it is",
      initial_value: "12",
      default_enabled: true,
    });
  });

  test("an archived one is still served", async () => {
    await changeEnvironment(served.app.changes, 3, (trx) =>
      trx.updateTable("features").set({ is_archived: 1 }).where("id", "=", 3001).execute(),
    );
    const { text } = await send(served.port, {
      path: "/api/v1/flags/",
      headers: { "X-Environment-Key": clientKey(3) },
    });
    expect(Object.keys(flagRows(JSON.parse(text)))).toEqual(["on"]);
  });
});
