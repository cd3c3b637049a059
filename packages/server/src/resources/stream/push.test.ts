import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createIdentityNews, identityTopic } from "../../changes/identity-news.ts";
import { createTestApp, type TestApp } from "../../testing/index.ts";
import { createStreams } from "./stream.sdk.ts";

const KEY = "pushKey";
const SERVER_KEY = "ser.push";
let app: TestApp;

const documentOf = (id: number, key: string, more: { stopped?: boolean } = {}) => ({
  id,
  api_key: key,
  name: "Production",
  updated_at: "2026-01-01T00:00:00.000000+00:00",
  project: {
    id,
    name: `Shop ${id}`,
    hide_disabled_flags: false,
    enable_realtime_updates: false,
    server_key_only_feature_ids: [],
    organisation: {
      id,
      name: `Acme ${id}`,
      feature_analytics: false,
      stop_serving_flags: more.stopped ?? false,
      persist_trait_data: true,
    },
    segments: [],
  },
  feature_states: [
    {
      feature: { id, name: "on", type: "STANDARD" },
      enabled: true,
      django_id: id + 100,
      featurestate_uuid: `00000000-0000-4000-8000-00000000000${id}`,
      feature_state_value: null,
      feature_segment: null,
      multivariate_feature_state_values: [],
    },
  ],
  identity_overrides: [],
});

beforeAll(async () => {
  app = await createTestApp();
  await app.importDocument(documentOf(1, KEY), SERVER_KEY);
  await app.importDocument(documentOf(2, "stoppedKey", { stopped: true }));
  await app.importDocument(documentOf(3, "shortLived"), "ser.short");
});
afterAll(() => app.close());

interface Heard {
  readonly status: number;
  readonly text: () => string;
  until(part: string): Promise<string>;
  close(): void;
}

async function listen(path: string, headers: Record<string, string> = {}): Promise<Heard> {
  const abort = new AbortController();
  const response = await app.request(path, { headers, signal: abort.signal });
  let text = "";
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk);
  })().catch(() => {});
  const until = async (part: string) => {
    for (let tries = 0; tries < 300 && !text.includes(part); tries += 1) await Bun.sleep(5);
    expect(text).toContain(part);
    return text;
  };
  const close = () => {
    abort.abort();
    void reading;
  };
  return { status: response.status, text: () => text, until, close };
}

const entryAbout = (environmentId: number, objectType: string, identifier?: string) => ({
  action: "UPDATE" as const,
  objectType,
  objectId: "1",
  organisationId: environmentId,
  projectId: environmentId,
  environmentId,
  subjects: identifier === undefined ? [] : [{ type: "identity", id: `${environmentId}:${identifier}` }],
  log: "x",
  before: null,
  after: null,
});

const commit = (environmentId: number, objectType = "feature_state", identifier?: string, moves = true) =>
  app.app.changes.commit({ actor: "test", requestId: null }, async () => ({
    result: undefined,
    entries: [entryAbout(environmentId, objectType, identifier)],
    ...(moves ? { environments: [environmentId] } : {}),
  }));

const events = (text: string) => text.split("\n\n").filter((block) => block !== "" && !block.startsWith(":"));
const revisionNow = async () => (await app.app.documents.get(1))?.revision ?? 0;

const ENVIRONMENT = "/api/v1/stream/environment/";
const identityPath = (identifier: string) => `/api/v1/stream/identity/?identifier=${encodeURIComponent(identifier)}`;
const withKey = (key = KEY) => ({ "X-Environment-Key": key });

const sendTraits = (identifier: string, traits: Record<string, unknown>) =>
  app.request("/api/v1/identities/", {
    method: "POST",
    headers: { ...withKey(), "Content-Type": "application/json" },
    body: JSON.stringify({
      identifier,
      traits: Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value })),
    }),
  });

describe("an environment's stream", () => {
  test("begins with the revision that is served, and tells each change with its own", async () => {
    const stream = await listen(ENVIRONMENT, withKey());
    const before = await revisionNow();
    await stream.until(`id: ${before}\nevent: ready\ndata: {"revision":${before},"updated_at":`);
    await commit(1);
    const text = await stream.until("event: change");
    expect(text).toMatch(
      new RegExp(`id: ${before + 1}\nevent: change\ndata: {"revision":${before + 1},"updated_at":\\d+\\.\\d{6}}\n\n`),
    );
    stream.close();
  });

  test("replays what was missed, says nothing new where nothing was, and resets what is too old or never was", async () => {
    const from = await revisionNow();
    for (let n = 0; n < 3; n += 1) await commit(1);
    const back = await listen(ENVIRONMENT, { ...withKey(), "Last-Event-ID": String(from) });
    await back.until(`id: ${from + 3}\n`);
    expect(events(back.text()).map((event) => event.split("\n", 2).join(" "))).toEqual(
      [1, 2, 3].map((n) => `id: ${from + n} event: change`),
    );
    const current = await listen(`${ENVIRONMENT}?key=${KEY}&last_event_id=${from + 3}`);
    await current.until("event: ready");
    expect(events(current.text())).toHaveLength(1);
    for (const odd of ["999999", "-1", "x", "1e3"]) {
      const lost = await listen(ENVIRONMENT, { ...withKey(), "Last-Event-ID": odd });
      await lost.until(`id: ${from + 3}\nevent: reset\n`);
      expect(events(lost.text())).toHaveLength(1);
      lost.close();
    }
    back.close();
    current.close();
  });

  test("is told of a change that cannot be read yet when it can be", async () => {
    const { documents, news } = app.app;
    const held = await documents.get(1);
    if (!held) throw new Error("there is no environment");
    let isAway = false;
    let hear = (_change: { environmentId: number; revision: number; updatedAt: number }) => {};
    const streams = createStreams({
      documents: {
        ...documents,
        get: () => (isAway ? held : { ...held, revision: held.revision + 1 }),
        onChange: (listener) => {
          hear = listener;
          return () => {};
        },
      },
      news,
      streamSeconds: 30,
    });
    isAway = true;
    const request = new Request("http://localhost/", { signal: new AbortController().signal });
    const response = streams.openEnvironment({ environment: held, origin: "client" }, request);
    let text = "";
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const readUntil = async (part: string) => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? "";
    };
    await readUntil("event: ready");
    hear({ environmentId: 1, revision: held.revision + 1, updatedAt: held.updatedAt });
    await Bun.sleep(50);
    isAway = false;
    await readUntil(`id: ${held.revision + 1}\nevent: change`);
    expect(text.match(/event: change/g)).toHaveLength(1);
    streams.closeAll();
  });

  test("ends with its environment, and when it is stopped", async () => {
    const stream = await listen(ENVIRONMENT, withKey("shortLived"));
    const person = await listen(`/api/v1/stream/identity/?identifier=x`, withKey("shortLived"));
    await stream.until("event: ready");
    const count = app.app.streams.count();
    await app.app.changes.commit({ actor: "test", requestId: null }, async (trx) => {
      await trx.deleteFrom("environments").where("id", "=", 3).execute();
      return { result: undefined, entries: [entryAbout(3, "environment")], environments: [3] };
    });
    for (let tries = 0; tries < 100 && app.app.streams.count() > count - 2; tries += 1) await Bun.sleep(5);
    expect(app.app.streams.count()).toBe(count - 2);
    expect(person.text()).not.toContain("changed");
  });
});

describe("an identity's stream", () => {
  test("speaks of its traits, its overrides and the configuration, and never of other identities", async () => {
    const ana = await listen(identityPath("ana/é?&"), withKey());
    const bob = await listen(`${identityPath("bob")}&key=${KEY}`);
    for (const stream of [ana, bob]) await stream.until("event: ready\ndata: {}\n\n");
    const heard = () => [ana, bob].map((stream) => stream.text().split("event: changed\ndata: {}\n\n").length - 1);
    const after = async (work: () => Promise<unknown>) => {
      await Bun.sleep(80);
      await work();
      await Bun.sleep(120);
      return heard();
    };
    expect(await after(() => sendTraits("ana/é?&", { plan: "pro" }))).toEqual([1, 0]);
    // Written already, so nothing changes.
    expect(await after(() => sendTraits("ana/é?&", { plan: "pro" }))).toEqual([1, 0]);
    expect(await after(() => sendTraits("ana/é?&", { plan: null }))).toEqual([2, 0]);
    expect(await after(() => commit(1, "identity_override", "bob"))).toEqual([2, 1]);
    expect(await after(() => commit(1, "trait", "ana/é?&", false))).toEqual([3, 1]);
    expect(await after(() => commit(1))).toEqual([4, 2]);
    expect(await after(async () => app.app.news.changedAll(1))).toEqual([5, 3]);
    expect(await after(async () => app.app.news.changedAll(2))).toEqual([5, 3]);
    for (const stream of [ana, bob]) {
      expect(stream.text()).not.toMatch(/revision|ana|bob|plan|\d/);
      stream.close();
    }
  });

  test("with a server-side key says what kind of change it was", async () => {
    const stream = await listen(identityPath("eve"), withKey(SERVER_KEY));
    await stream.until("event: ready");
    await sendTraits("eve", { a: 1 });
    await stream.until(`data: {"occasion":"traits","revision":${await revisionNow()}}`);
    await commit(1);
    await stream.until(`data: {"occasion":"configuration","revision":${await revisionNow()}}`);
    stream.close();
  });

  test("with a server-side key that is revoked ends, and so does the environment's; others go on", async () => {
    const others = await listen(identityPath("fay"), withKey());
    const person = await listen(identityPath("fay"), withKey(SERVER_KEY));
    const environment = await listen(ENVIRONMENT, withKey(SERVER_KEY));
    for (const stream of [others, person, environment]) await stream.until("event: ready");
    const count = app.app.streams.count();
    await app.app.changes.commit({ actor: "test", requestId: null }, async (trx) => {
      await trx.updateTable("environment_keys").set({ active: 0 }).where("key", "=", SERVER_KEY).execute();
      return { result: undefined, entries: [entryAbout(1, "environment_key")], environments: [1] };
    });
    await others.until("event: changed");
    expect(app.app.streams.count()).toBe(count - 2);
    expect(person.text() + environment.text()).not.toContain("change");
    others.close();
  });

  test("a job that writes everybody's traits batch by batch is told at once, and then once a second", async () => {
    const stream = await listen(identityPath("anybody"), withKey());
    await stream.until("event: ready");
    await Bun.sleep(1000);
    for (let batch = 0; batch < 100; batch += 1) app.app.news.changedAll(1);
    const told = () => stream.text().split("event: changed").length - 1;
    await stream.until("event: changed");
    await Bun.sleep(200);
    expect(told()).toBe(1);
    await Bun.sleep(1000);
    expect(told()).toBe(2);
    stream.close();
  });

  test("a flood of traits is told a few times, the last of them included", async () => {
    const stream = await listen(identityPath("busy"), withKey());
    await stream.until("event: ready");
    for (let n = 0; n < 50; n += 1) await sendTraits("busy", { n });
    await Bun.sleep(150);
    const told = stream.text().split("event: changed").length - 1;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(40);
    stream.close();
  });
});

describe("the door", () => {
  test.each([
    [ENVIRONMENT, {}, 403, "Invalid or missing Environment key"],
    [ENVIRONMENT, withKey("nobody"), 403, "Invalid or missing Environment Key"],
    [ENVIRONMENT, withKey("x".repeat(101)), 403, "Invalid or missing Environment Key"],
    [ENVIRONMENT, withKey("stoppedKey"), 403, "Organisation is disabled from serving flags."],
    [`${ENVIRONMENT}?key=${SERVER_KEY}`, {}, 403, "A server-side key belongs into the header X-Environment-Key."],
    ["/api/v1/stream/identity/", {}, 403, "Invalid or missing Environment key"],
  ])("%s with %p is %d", async (path, headers, status, detail) => {
    const answer = await app.request(path, { headers });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ detail });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("an identity has to be named, in words that can be one", async () => {
    for (const query of ["", "?identifier=", "?identifier=%00", `?identifier=${"x".repeat(2001)}`]) {
      const answer = await app.request(`/api/v1/stream/identity/${query}`, { headers: withKey() });
      expect(answer.status).toBe(400);
      expect(Object.keys((await answer.json()) as object)).toEqual(["identifier"]);
    }
  });

  test("only GET listens, and a browser may ask first", async () => {
    for (const path of [ENVIRONMENT, "/api/v1/stream/identity"]) {
      expect((await app.request(path, { method: "POST", headers: withKey() })).status).toBe(405);
      const asked = await app.request(path, { method: "OPTIONS" });
      expect(asked.status).toBe(200);
      expect(asked.headers.get("access-control-allow-headers")).toContain("last-event-id");
    }
  });

  test("beyond the limit a stream is refused for now", async () => {
    const news = createIdentityNews({ db: { kysely: app.db.kysely }, onError: () => {} });
    const streams = createStreams({ documents: app.app.documents, news, streamSeconds: 30, maxStreams: 1 });
    const { signal } = new AbortController();
    expect((await streams.openFlagsmith(KEY, signal)).status).toBe(200);
    const refused = await streams.openFlagsmith(KEY, signal);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    streams.closeAll();
    expect(streams.count()).toBe(0);
  });

  test("an OFREP stream of one identity hears of it alone", async () => {
    const ana = await listen(`/ofrep/v1/sse?key=${KEY}&target=${identityTopic(1, "ofrep-ana")}`);
    await ana.until('"type":"refetchEvaluation"');
    await Bun.sleep(60);
    await sendTraits("ofrep-bob", { a: 1 });
    await Bun.sleep(60);
    expect(events(ana.text())).toHaveLength(1);
    await sendTraits("ofrep-ana", { a: 1 });
    await Bun.sleep(60);
    expect(events(ana.text())).toHaveLength(2);
    ana.close();
    expect((await app.request(`/ofrep/v1/sse?key=${KEY}&target=ana`)).status).toBe(404);
  });
});
