import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createPerson, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key = "";
let environmentId = 0;
let projectId = 0;
let skew = 0;
let plain = 0;
let split = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "overrides",
    organisation: stage.organisationId,
  });
  projectId = project.id;
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "production", project: projectId });
  key = String(made["api_key"]);
  environmentId = made.id;
  plain = await feature("plain", { initial_value: "everybody's", default_enabled: true });
  split = await feature("Split", {
    initial_value: "control value",
    multivariate_options: [
      { type: "unicode", string_value: "red", default_percentage_allocation: 50, key: "r" },
      { type: "unicode", string_value: "blue", default_percentage_allocation: 50, key: "b" },
    ],
  });
});
afterAll(() => stage.close());

const feature = async (name: string, more: object = {}): Promise<number> =>
  (await stage.send(201, "POST", `/api/v1/projects/${projectId}/features/`, { name, ...more })).id;

const pathOf = (identifier: string, rest = "") =>
  `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(identifier)}/overrides/${rest}`;

interface OverrideBody extends Body {
  readonly enabled: boolean;
  readonly value: unknown;
  readonly variant: string | null;
  readonly reason: string | null;
  readonly expires_at: string | null;
  readonly is_expired: boolean;
  readonly updated_by: string | null;
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await stage.app.request(path, {
    method,
    headers: { Authorization: `Api-Key ${stage.admin.key}`, "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const parsed = (text === "" ? undefined : JSON.parse(text)) as OverrideBody;
  return { status: answer.status, etag: answer.headers.get("etag") ?? "", body: parsed };
}

const rowsOf = (identifier: string) =>
  stage.app.db.kysely.selectFrom("identity_overrides").selectAll().where("identifier", "=", identifier).execute();

const soon = (seconds: number) => new Date(Date.now() + skew + seconds * 1000).toISOString();

describe("an override by identifier", () => {
  test("is set, with the identity where there is none, and may be set again without a trace", async () => {
    const body = { enabled: false, value: 7, reason: "a test" };
    const first = await ask("PUT", pathOf("ada", "plain/"), body);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      feature: { id: plain, name: "plain", type: "STANDARD" },
      identity: { identifier: "ada" },
      enabled: false,
      value: 7,
      variant: null,
      reason: "a test",
      expires_at: null,
      is_expired: false,
      updated_by: "test key",
    });
    expect((await stage.identify(key, "ada"))["plain"]).toEqual({ enabled: false, feature_state_value: 7 });
    const [set, born] = await stage.audit(2);
    expect([born?.action, born?.object_type, set?.action, set?.log]).toEqual([
      "CREATE",
      "identity",
      "CREATE",
      "Override of plain set for identity ada: a test",
    ]);
    expect(JSON.parse(set?.after ?? "")).toMatchObject({ reason: "a test", expires_at: null });
    const revision = await stage.revision(environmentId);
    const again = await ask("PUT", pathOf("ada", `${plain}/`), body);
    expect([again.status, again.etag]).toEqual([200, first.etag]);
    expect(await stage.revision(environmentId)).toBe(revision);
    expect((await stage.audit())[0]?.id).toBe(set?.id as number);
    const read = await ask("GET", pathOf("ada", "PLAIN/"));
    expect([read.status, read.etag, read.body]).toEqual([200, first.etag, first.body]);
  });

  test("takes what it leaves out from everybody's when it is new, and from itself later", async () => {
    const made = await ask("PUT", pathOf("lean", "plain/"), { reason: "keep" });
    expect(made.body).toMatchObject({ enabled: true, value: "everybody's" });
    const off = await ask("PUT", pathOf("lean", "plain/"), { enabled: false });
    expect(off.body).toMatchObject({ enabled: false, value: "everybody's", reason: "keep" });
    const cleared = await ask("PUT", pathOf("lean", "plain/"), { value: null, reason: null });
    expect(cleared.body).toMatchObject({ enabled: false, value: null, reason: null });
  });

  test("pins a variant by its key, and the control value", async () => {
    const blue = await ask("PUT", pathOf("pin", "split/"), { enabled: true, variant: "b" });
    expect(blue.body).toMatchObject({ variant: "b", value: "blue", enabled: true });
    expect((await stage.identify(key, "pin"))["Split"]?.feature_state_value).toBe("blue");
    const option = await stage.app.db.kysely
      .selectFrom("multivariate_options")
      .selectAll()
      .where("key", "=", "b")
      .executeTakeFirstOrThrow();
    // By its key and not by its value: who pinned it gets what the variant becomes.
    await stage.send(200, "PATCH", `/api/v1/projects/${projectId}/features/${split}/mv-options/${option.id}/`, {
      type: "unicode",
      string_value: "navy",
    });
    expect((await stage.identify(key, "pin"))["Split"]?.feature_state_value).toBe("navy");
    expect((await ask("GET", pathOf("pin", "split/"))).body).toMatchObject({ variant: "b", value: "navy" });
    const control = await ask("PUT", pathOf("pin", "split/"), { variant: "control" });
    expect(control.body).toMatchObject({ variant: "control", value: "control value" });
    expect((await stage.identify(key, "pin"))["Split"]?.feature_state_value).toBe("control value");
    for (const wrong of [{ variant: "nope" }, { variant: "b", value: 1 }]) {
      expect([(await ask("PUT", pathOf("pin", "split/"), wrong)).status]).toEqual([400]);
    }
    expect((await ask("PUT", pathOf("pin", "plain/"), { variant: "control" })).status).toBe(400);
  });

  test("that leaves the variants alone leaves everybody theirs", async () => {
    for (const name of ["u1", "u2", "u3", "u4", "u5", "u6"]) {
      const before = (await stage.identify(key, name))["Split"]?.feature_state_value;
      await ask("PUT", pathOf(name, "split/"), { enabled: true });
      expect((await stage.identify(key, name))["Split"]).toEqual({ enabled: true, feature_state_value: before });
    }
  });

  test("is refused with what the feature cannot have, and for a feature that is not the project's", async () => {
    for (const body of [
      { value: {} },
      { value: 3_000_000_000 },
      { value: "x".repeat(20_001) },
      { expires_at: "tomorrow" },
      { expires_at: soon(-5) },
      { reason: "x".repeat(2001) },
      { enabled: "maybe" },
    ]) {
      expect([body, (await ask("PUT", pathOf("ada", "plain/"), body)).status]).toEqual([body, 400]);
    }
    for (const name of ["nothing", "999999", "99999999999", "a%2Fb", "%00"]) {
      expect((await ask("PUT", pathOf("ada", `${name}/`), {})).status).toBe(404);
    }
  });

  test("is removed, and then there is none", async () => {
    await ask("PUT", pathOf("fleeting", "plain/"), { enabled: false });
    expect((await ask("DELETE", pathOf("fleeting", "plain/"))).status).toBe(204);
    expect((await stage.identify(key, "fleeting"))["plain"]?.enabled).toBe(true);
    expect((await ask("DELETE", pathOf("fleeting", "plain/"))).status).toBe(404);
    expect((await ask("GET", pathOf("fleeting", "plain/"))).status).toBe(404);
    expect(await rowsOf("fleeting")).toEqual([]);
  });

  test("is written by whoever saw what is there", async () => {
    const { etag } = await ask("PUT", pathOf("seen", "plain/"), { value: 1 });
    const next = await ask("PUT", pathOf("seen", "plain/"), { value: 2 }, { "If-Match": etag });
    expect(next.status).toBe(200);
    const late = await ask("PUT", pathOf("seen", "plain/"), { value: 3 }, { "If-Match": etag });
    expect([late.status, late.etag, late.body["current"]]).toEqual([412, next.etag, next.body as never]);
    expect((await ask("DELETE", pathOf("seen", "plain/"), undefined, { "If-Match": etag })).status).toBe(412);
    expect((await ask("PUT", pathOf("unseen", "plain/"), {}, { "If-Match": "*" })).status).toBe(412);
    expect((await ask("GET", pathOf("unseen"))).status).toBe(404);
  });

  test("names the person who set it", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
    const answer = await person.call("PUT", pathOf("ada", "plain/"), { value: "by hand" });
    expect((answer.body as OverrideBody).updated_by).toContain("@");
  });
});

describe("at once", () => {
  test("64 puts of one override make one row, of one identity", async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => ask("PUT", pathOf("crowd", "plain/"), { value: i })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(63);
    expect(await rowsOf("crowd")).toHaveLength(1);
    const born = await stage.app.db.kysely
      .selectFrom("identities")
      .select("id")
      .where("identifier", "=", "crowd")
      .execute();
    expect(born).toHaveLength(1);
  });

  test("of 32 that saw the same, one wins", async () => {
    const { etag } = await ask("PUT", pathOf("won", "plain/"), { value: "start" });
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, i) => ask("PUT", pathOf("won", "plain/"), { value: i }, { "If-Match": etag })),
    );
    const winners = answers.flatMap(({ status }, i) => (status === 200 ? [i] : []));
    expect([winners.length, answers.filter(({ status }) => status === 412).length]).toEqual([1, 31]);
    expect((await ask("GET", pathOf("won", "plain/"))).body.value).toBe(winners[0]);
  });

  test("puts and deletes leave the hot path's hint true", async () => {
    await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        i % 2 === 0
          ? ask("PUT", pathOf("flicker", "plain/"), { value: i })
          : ask("DELETE", pathOf("flicker", "plain/")),
      ),
    );
    const [row] = await rowsOf("flicker");
    const identity = await stage.app.db.kysely
      .selectFrom("identities")
      .selectAll()
      .where("identifier", "=", "flicker")
      .executeTakeFirstOrThrow();
    expect(identity.has_overrides).toBe(row ? 1 : 0);
  });
});

describe("cloning", () => {
  const clone = (to: string, body: object) => ask("POST", pathOf(to, "clone/"), body);
  let other = 0;

  beforeAll(async () => {
    other = await feature("other");
    await ask("PUT", pathOf("source", "plain/"), { value: "copied", reason: "why", expires_at: soon(3600) });
    await ask("PUT", pathOf("source", "split/"), { variant: "r" });
  });

  test("copies all, with reasons and ends, and keeps what the source lacks", async () => {
    await ask("PUT", pathOf("target", `${other}/`), { value: "own" });
    expect((await clone("target", { from: "source" })).body).toEqual({ copied: 2, removed: 0, kept: 1 } as never);
    expect((await ask("GET", pathOf("target", "plain/"))).body).toMatchObject({ value: "copied", reason: "why" });
    expect((await ask("GET", pathOf("target", "plain/"))).body.expires_at).not.toBeNull();
    expect((await ask("GET", pathOf("target", "split/"))).body.variant).toBe("r");
    const revision = await stage.revision(environmentId);
    expect((await clone("target", { from: "source" })).body).toEqual({ copied: 2, removed: 0, kept: 1 } as never);
    expect(await stage.revision(environmentId)).toBe(revision);
  });

  test("copies chosen features, and removes what the source lacks where it is told to", async () => {
    await ask("PUT", pathOf("chosen", "other/"), { value: "own" });
    await ask("PUT", pathOf("chosen", "split/"), { variant: "b" });
    const some = await clone("chosen", { from: "source", features: ["plain", String(other)], replace: true });
    expect(some.body).toEqual({ copied: 1, removed: 1, kept: 1 } as never);
    expect((await ask("GET", pathOf("chosen", "split/"))).body.variant).toBe("b");
    expect((await ask("GET", pathOf("chosen", "other/"))).status).toBe(404);
    const entry = (await stage.audit())[0];
    expect(entry?.log).toBe("Overrides of identity source copied to chosen");
    const undone = await stage.admin.call("POST", `/api/v1/projects/${projectId}/audit/${entry?.id}/undo/`);
    expect(undone.status).toBeLessThan(300);
    expect((await ask("GET", pathOf("chosen", "other/"))).body.value).toBe("own");
    expect((await ask("GET", pathOf("chosen", "plain/"))).status).toBe(404);
  });

  test("refuses an unknown source, an unknown feature, and the identity itself", async () => {
    expect((await clone("target", { from: "nobody at all" })).status).toBe(400);
    expect((await clone("target", { from: "target" })).status).toBe(400);
    expect((await clone("target", { from: "source", features: ["nothing"] })).status).toBe(400);
  });
});

describe("all overrides of an environment", () => {
  interface ListBody {
    readonly results: readonly OverrideBody[];
    readonly next: string | null;
    readonly total: { readonly count: number; readonly exact: boolean };
  }
  const list = async (query: Record<string, string | number | boolean>) => {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const answer = await stage.admin.call("GET", `/api/v1/environments/${key}/overrides/?${search}`);
    return { status: answer.status, body: answer.body as ListBody };
  };
  let many = 0;
  const names = Array.from({ length: 23 }, (_, i) => `list-${String(i).padStart(2, "0")}-${i % 2 ? "Odd" : "even"}`);

  beforeAll(async () => {
    many = await feature("many");
    for (const name of names) await ask("PUT", pathOf(name, "many/"), { value: name });
    await ask("PUT", pathOf("list-%_\\", "many/"), { value: 1 });
  });

  test("come in pages that leave nothing out and repeat nothing", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { body: ListBody } = await list({ feature: "many", limit: 5, ...(cursor ? { cursor } : {}) });
      expect(page.body.total).toEqual({ count: 24, exact: true });
      seen.push(...page.body.results.map((row) => (row["identity"] as { identifier: string }).identifier));
      cursor = page.body.next;
    } while (cursor !== null);
    expect(seen).toEqual([...names, "list-%_\\"].sort());
    expect((await list({ limit: 200 })).body.total.count).toBeGreaterThan(24);
  });

  test("are found by part of the identifier, by how it begins, and exactly", async () => {
    const count = async (q: string) => (await list({ feature: many, q, limit: 200 })).body.results.length;
    expect(await count("ODD")).toBe(11);
    expect(await count("list-0*")).toBe(10);
    expect(await count(`"list-03-Odd"`)).toBe(1);
    expect(await count(`"list-03-odd"`)).toBe(0);
    expect(await count("%")).toBe(1);
    expect(await count("_\\")).toBe(1);
    expect(await count("zzz")).toBe(0);
  });

  test("refuse a cursor that is not theirs, and bounds", async () => {
    const { next } = (await list({ feature: many, limit: 5 })).body;
    expect((await list({ feature: many, q: "x", cursor: next ?? "" })).status).toBe(400);
    for (const cursor of ["x", "AAAA", btoa('["a","b",1]')]) {
      expect((await list({ feature: many, cursor })).status).toBe(400);
    }
    for (const query of [{ limit: 0 }, { limit: 201 }, { feature: "no such" }, { expired: "perhaps" }]) {
      expect((await list(query as never)).status).toBe(400);
    }
  });

  test("tell those that have ended from those that apply", async () => {
    await ask("PUT", pathOf("list-ending", "many/"), { value: 1, expires_at: soon(10) });
    expect((await list({ feature: many, q: "list-ending", expired: false })).body.results).toHaveLength(1);
    skew += 20_000;
    // The clock alone tells, before anything was announced.
    expect((await list({ feature: many, q: "list-ending", expired: false })).body.results).toHaveLength(0);
    const ended = (await list({ feature: many, expired: true })).body.results;
    expect(ended.map((row) => [row.value, row.is_expired])).toEqual([[1, true]]);
    await stage.app.app.overrideEnds.settle();
    expect((await list({ feature: many, expired: true })).body.results).toHaveLength(1);
    expect((await list({ feature: many, expired: false })).body.total.count).toBe(24);
  });
});

describe("nothing is left of", () => {
  const leftOf = async (featureId: number) =>
    (
      await stage.app.db.kysely
        .selectFrom("identity_overrides")
        .select("id")
        .where("feature_id", "=", featureId)
        .execute()
    ).length;

  test("a deleted feature's overrides, and the hot path stops looking for them", async () => {
    const doomed = await feature("doomed");
    await ask("PUT", pathOf("orphan", "doomed/"), { value: 1 });
    await ask("PUT", pathOf("ada", "doomed/"), { value: 1 });
    await stage.send(204, "DELETE", `/api/v1/projects/${projectId}/features/${doomed}/`);
    expect(await leftOf(doomed)).toBe(0);
    const hints = await stage.app.db.kysely
      .selectFrom("identities")
      .select(["identifier", "has_overrides"])
      .where("identifier", "in", ["ada", "orphan"])
      .orderBy("identifier")
      .execute();
    expect(hints).toEqual([
      { identifier: "ada", has_overrides: 1 },
      { identifier: "orphan", has_overrides: 0 },
    ]);
  });

  test("a deleted identity's overrides, not even for its successor of the same name", async () => {
    await ask("PUT", pathOf("mortal", "plain/"), { value: "mine" });
    const record = pathOf("mortal").replace("overrides/", "");
    expect((await ask("DELETE", record)).status).toBe(204);
    expect(await rowsOf("mortal")).toEqual([]);
    expect((await ask("PUT", record, {})).status).toBe(201);
    expect((await stage.identify(key, "mortal"))["plain"]?.feature_state_value).toBe("everybody's");
  });
});
