/** An override that ends stops counting at once, everywhere; and clients that evaluate by themselves are told, once. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOverrideEnds, type OverrideEnds } from "../../changes/override-ends.ts";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key = "";
let serverKey = "";
let environmentId = 0;
let projectId = 0;
/** How far the server's clock is ahead. */
let skew = 0;
const now = () => Date.now() + skew;

beforeAll(async () => {
  stage = await createStage({ now });
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "ends",
    organisation: stage.organisationId,
    enable_realtime_updates: true,
  });
  projectId = project.id;
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "production", project: projectId });
  key = String(made["api_key"]);
  environmentId = made.id;
  const keys = await stage.send(201, "POST", `/api/v1/environments/${key}/api-keys/`, { name: "local" });
  serverKey = String(keys["key"]);
  await stage.send(201, "POST", `/api/v1/projects/${projectId}/features/`, {
    name: "flag",
    initial_value: "all",
    default_enabled: true,
  });
});
afterAll(() => stage.close());

const record = (identifier: string, rest = "") =>
  `/api/v1/environments/${key}/identities/by-identifier/${identifier}/${rest}`;

const put = (identifier: string, body: object) =>
  stage.admin.call("PUT", record(identifier, "overrides/flag/"), body) as Promise<{ status: number; body: Body }>;

/** Everything that has ended is announced, by this or by the server's own watch. */
async function settle(): Promise<void> {
  for (;;) {
    await stage.app.app.overrideEnds.settle();
    const left = await stage.app.db.kysely
      .selectFrom("identity_overrides")
      .select("id")
      .where("is_expired", "=", 0)
      .where("expires_at", "<=", now())
      .execute();
    if (left.length === 0) return;
  }
}

/** What was announced since this entry. */
const announcedSince = async (id: number) =>
  (await stage.audit(50)).filter((row) => row.id > id && row.actor === "expiry");

const newest = async () => (await stage.audit())[0]?.id ?? 0;

const endsIn = (ms: number) => new Date(now() + ms).toISOString();

async function sdk(path: string, init: RequestInit & { readonly key?: string } = {}) {
  const headers = { "X-Environment-Key": init.key ?? key, "X-API-Key": key, "Content-Type": "application/json" };
  const answer = await stage.app.request(path, { ...init, headers: { ...headers, ...(init.headers as object) } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
}

interface LocalDocument {
  readonly updated_at: string;
  readonly identity_overrides: readonly { readonly identifier: string }[];
}

async function document() {
  const { body, headers } = await sdk("/api/v1/environment-document/", { key: serverKey });
  const { updated_at, identity_overrides } = body as LocalDocument;
  return {
    updatedAt: updated_at,
    header: headers.get("x-flagsmith-document-updated-at"),
    overridden: identity_overrides.map((identity) => identity.identifier),
  };
}

/** What each way of asking the server says of the flag. */
async function told(identifier: string): Promise<Record<string, unknown>> {
  const valueIn = (flags: readonly { readonly feature_state_value: unknown }[]) => flags[0]?.feature_state_value;
  const post = await sdk("/api/v1/identities/", { method: "POST", body: JSON.stringify({ identifier, traits: [] }) });
  const get = await sdk(`/api/v1/identities/?identifier=${identifier}`);
  const legacy = await sdk(`/api/v1/flags/${identifier}`);
  const context = JSON.stringify({ context: { targetingKey: identifier } });
  const ofrep = await sdk("/ofrep/v1/evaluate/flags", { method: "POST", body: context });
  const one = await sdk("/ofrep/v1/evaluate/flags/flag", { method: "POST", body: context });
  const { id } = (await stage.admin.call("GET", record(identifier))).body as Body;
  const all = (await stage.admin.call("GET", `/api/v1/environments/${key}/identities/${id}/featurestates/all/`)).body;
  return {
    post: valueIn(post.body.flags),
    get: valueIn(get.body.flags),
    legacy: valueIn(legacy.body),
    ofrep: ofrep.body.flags[0].value,
    one: one.body.value,
    all: valueIn(all as never),
    document: (await document()).overridden.includes(identifier) ? "mine" : "all",
  };
}

const everywhere = (value: string) =>
  Object.fromEntries(["post", "get", "legacy", "ofrep", "one", "all", "document"].map((way) => [way, value]));

describe("an override that ends", () => {
  test("counts until then and not a moment longer, however the server is asked", async () => {
    expect((await put("ada", { enabled: true, value: "mine", expires_at: endsIn(60_000) })).status).toBe(201);
    expect(await told("ada")).toEqual(everywhere("mine"));
    skew += 59_000;
    expect(await told("ada")).toEqual(everywhere("mine"));
    skew += 1001;
    // Nothing was announced yet: each compares the clock.
    expect(await told("ada")).toEqual(everywhere("all"));
    await settle();
    expect(await told("ada")).toEqual(everywhere("all"));
  });

  test("moves the revision, the date and the document once, and says so in the audit log", async () => {
    await put("grace", { enabled: true, value: "mine", expires_at: endsIn(5000), reason: "a trial" });
    const before = await document();
    const revision = await stage.revision(environmentId);
    skew += 5000;
    await settle();
    expect(await stage.revision(environmentId)).toBe(revision + 1);
    const after = await document();
    expect([before.overridden.includes("grace"), after.overridden.includes("grace")]).toEqual([true, false]);
    expect(after.updatedAt > before.updatedAt).toBe(true);
    expect(Number(after.header)).toBeGreaterThan(Number(before.header));
    const [entry] = await stage.audit();
    expect([entry?.log, entry?.actor, entry?.revision]).toEqual([
      "Override of flag expired for identity grace",
      "expiry",
      revision + 1,
    ]);
    await settle();
    expect(await stage.revision(environmentId)).toBe(revision + 1);
  });

  test("is announced by one of several nodes", async () => {
    const { changes } = stage.app.app;
    const { db } = stage.app;
    const onError = (error: unknown) => {
      throw error;
    };
    const others: OverrideEnds[] = Array.from({ length: 4 }, () => createOverrideEnds({ db, changes, now, onError }));
    for (let i = 0; i < 5; i += 1) await put(`node-${i}`, { value: i, expires_at: endsIn(5000) });
    const revision = await stage.revision(environmentId);
    const before = await newest();
    skew += 5000;
    await Promise.all([...others, stage.app.app.overrideEnds].map((ends) => ends.settle()));
    await settle();
    const announced = await announcedSince(before);
    expect(announced.map((row) => row.log).sort()).toEqual(
      Array.from({ length: 5 }, (_, i) => `Override of flag expired for identity node-${i}`),
    );
    // Whoever found some of them before the others did moves it once for those.
    const moves = new Set(announced.map((row) => row.revision));
    expect((await stage.revision(environmentId)) - revision).toBe(moves.size);
    await Promise.all(others.map((ends) => ends.close()));
  });

  test("is announced by whoever starts after it, where nobody was there", async () => {
    await put("restart", { value: "mine", expires_at: endsIn(5000) });
    const { db, app } = stage.app;
    const revision = await stage.revision(environmentId);
    skew += 6000;
    const started = createOverrideEnds({ db, changes: app.changes, now, onError: () => {} });
    for (let tries = 0; tries < 200 && (await stage.revision(environmentId)) === revision; tries += 1) {
      await Bun.sleep(10);
    }
    expect(await stage.revision(environmentId)).toBe(revision + 1);
    await started.close();
  });

  test("whose end was put off is not announced, and one that has ended can be renewed", async () => {
    await put("late", { value: "mine", expires_at: endsIn(5000) });
    await put("late", { expires_at: endsIn(60_000) });
    const before = await newest();
    skew += 6000;
    await settle();
    expect(await announcedSince(before)).toEqual([]);
    expect((await told("late"))["post"]).toBe("mine");
    skew += 60_000;
    await settle();
    expect(await announcedSince(before)).toHaveLength(1);
    expect((await told("late"))["post"]).toBe("all");
    const renewed = await put("late", { enabled: true, value: "mine" });
    expect(renewed.body).toMatchObject({ is_expired: false, expires_at: null, reason: null });
    expect(await told("late")).toEqual(everywhere("mine"));
  });

  test("keeps its answer repeatable: the same end said again after it has come is no error", async () => {
    const body = { value: "mine", expires_at: endsIn(2000) };
    await put("again", body);
    skew += 3000;
    const again = await put("again", body);
    expect([again.status, again.body["is_expired"]]).toEqual([200, true]);
  });

  test("is seen by its readers as another thing than before", async () => {
    await put("tagged", { value: "mine", expires_at: endsIn(2000) });
    const before = await stage.admin.call("GET", record("tagged", "overrides/flag/"));
    skew += 3000;
    const after = await stage.admin.call("GET", record("tagged", "overrides/flag/"));
    expect(after.body).toMatchObject({ is_expired: true, value: "mine" });
    expect(after.headers.get("etag")).not.toBe(before.headers.get("etag"));
    const listed = (await stage.admin.call("GET", record("tagged", "overrides/"))).body as { results: Body[] };
    expect(listed.results).toEqual([after.body as Body]);
    expect((await stage.admin.call("GET", record("tagged"))).body).toMatchObject({ override_count: 0 });
  });
});

describe("in real time", () => {
  test("streams speak when an override ends, with nobody writing anything", async () => {
    await settle();
    const abort = new AbortController();
    const answer = await stage.app.request(`/sse/environments/${key}/stream`, { signal: abort.signal });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = "";
    const events = () => [...text.matchAll(/"updated_at": ([\d.]+)/g)].map(([, at]) => Number(at));
    const readUntil = async (isThere: (events: readonly number[]) => boolean) => {
      const end = Date.now() + 15_000;
      while (!isThere(events()) && Date.now() < end) {
        const { value, done } = await reader.read();
        if (done) return;
        text += decoder.decode(value);
      }
    };
    await readUntil((told) => told.length > 0);
    const end = now() + 700;
    await put("streamed", { enabled: true, value: "mine", expires_at: new Date(end).toISOString() });
    const before = (await stage.audit())[0]?.id ?? 0;
    expect((await told("streamed"))["post"]).toBe("mine");
    await readUntil((told) => (told.at(-1) ?? 0) * 1000 >= end);
    expect((events().at(-1) ?? 0) * 1000).toBeGreaterThanOrEqual(end);
    expect(now()).toBeGreaterThanOrEqual(end);
    expect(await announcedSince(before)).toHaveLength(1);
    expect(await told("streamed")).toEqual(everywhere("all"));
    abort.abort();
  });
});

describe("Flagsmith's routes", () => {
  const states = async (identifier: string) => {
    const { id } = (await stage.admin.call("GET", record(identifier))).body as Body;
    return `/api/v1/environments/${key}/identities/${id}/featurestates/`;
  };
  const featureId = async () =>
    (await stage.app.db.kysely.selectFrom("features").select("id").where("name", "=", "flag").executeTakeFirstOrThrow())
      .id;
  const overrideOf = async (identifier: string) =>
    (await stage.admin.call("GET", record(identifier, "overrides/flag/"))).body as Body;
  const listed = async (path: string) => (await stage.send<{ results: Body[] }>(200, "GET", path)).results;

  test("leave reason and end of a live override alone", async () => {
    await put("classic", { value: "mine", reason: "ours", expires_at: endsIn(60_000) });
    const path = await states("classic");
    const [shown] = await listed(path);
    await stage.send(200, "PUT", `${path}${shown?.id}/`, { enabled: true, feature_state_value: "theirs" });
    const before = await overrideOf("classic");
    expect(before).toMatchObject({ value: "theirs", enabled: true, reason: "ours", is_expired: false });
    expect(before["expires_at"]).not.toBeNull();
    await stage.send(400, "POST", path, { feature: await featureId(), enabled: true });
  });

  test("know nothing of one that has ended, and what they write takes effect", async () => {
    for (const [identifier, write] of [
      [
        "posted",
        async (path: string) =>
          stage.send(201, "POST", path, { feature: await featureId(), enabled: true, feature_state_value: "new" }),
      ],
      [
        "changed",
        async (path: string, id: number) =>
          stage.send(200, "PATCH", `${path}${id}/`, { enabled: true, feature_state_value: "new" }),
      ],
    ] as const) {
      await put(identifier, { value: "old", reason: "was", expires_at: endsIn(2000) });
      const path = await states(identifier);
      const id = (await listed(path))[0]?.id ?? 0;
      skew += 3000;
      await settle();
      expect(await listed(path)).toEqual([]);
      await write(path, id);
      expect(await listed(path)).toHaveLength(1);
      expect(await overrideOf(identifier)).toMatchObject({ value: "new", reason: null, expires_at: null });
      expect((await told(identifier))["post"]).toBe("new");
    }
  });

  test("do not count or list it among a feature's overrides", async () => {
    const all = async () => {
      const path = `/api/v1/environments/${key}/featurestates/?anyIdentity=1&feature=${await featureId()}&page_size=900`;
      const rows = await listed(path);
      const features = await listed(`/api/v1/projects/${projectId}/features/?environment=${environmentId}`);
      return { rows: rows.length, counted: features[0]?.["num_identity_overrides"] };
    };
    await settle();
    const before = await all();
    await put("counted", { value: "mine", expires_at: endsIn(2000) });
    expect(await all()).toEqual({ rows: before.rows + 1, counted: Number(before.counted) + 1 });
    skew += 3000;
    await settle();
    expect(await all()).toEqual(before);
  });

  test("do not clone it", async () => {
    await put("from", { value: "mine", expires_at: endsIn(2000) });
    await put("to", { value: "own" });
    skew += 3000;
    const { id } = (await stage.admin.call("GET", record("from"))).body as Body;
    await stage.send(200, "POST", `${await states("to")}clone-from-given-identity/`, { source_identity_id: id });
    expect((await told("to"))["post"]).toBe("all");
  });
});

test("a change of an end is taken back from the audit log", async () => {
  await put("undone", { value: "mine", reason: "first" });
  await put("undone", { expires_at: endsIn(60_000), reason: "second" });
  const [entry] = await stage.audit();
  await stage.send(200, "POST", `/api/v1/projects/${projectId}/audit/${entry?.id}/undo/`);
  const back = (await stage.admin.call("GET", record("undone", "overrides/flag/"))).body;
  expect(back).toMatchObject({ value: "mine", reason: "first", expires_at: null });
});
