import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DryRun, JobView } from "@burgee/contract/admin";
import { type AdminClient, type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key: string;
let environment: number;
let project: number;
let feature: Body;
let base: string;

beforeAll(async () => {
  stage = await createStage();
  project = (await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId })).id;
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project });
  environment = made.id;
  key = String(made["api_key"]);
  base = `/api/v1/environments/${key}`;
  feature = await stage.send(201, "POST", `/api/v1/projects/${project}/features/`, {
    name: "banner",
    initial_value: "plain",
    multivariate_options: [
      { type: "unicode", string_value: "red", default_percentage_allocation: 0, key: "red" },
      { type: "unicode", string_value: "blue", default_percentage_allocation: 0, key: "blue" },
    ],
  });
});
afterAll(() => stage.close());

/** Identities with a number and a plan each, straight into the table. */
async function fill(prefix: string, count: number, traits: (n: number) => object = (n) => ({ n, plan: "pro" })) {
  const rows = Array.from({ length: count }, (_, n) => ({
    environment_id: environment,
    identifier: `${prefix}${n}`,
    traits: JSON.stringify(traits(n)),
    has_overrides: 0,
    created_at: 1_700_000_000_000,
    last_seen_day: 20_000,
  }));
  for (let i = 0; i < count; i += 1000) {
    await stage.app.db.kysely
      .insertInto("identities")
      .values(rows.slice(i, i + 1000))
      .execute();
  }
}

async function run(body: object, client: AdminClient = stage.admin): Promise<JobView> {
  const asked = await client.call("POST", `${base}/jobs/`, body);
  expect({ status: asked.status, body: asked.body }).toMatchObject({ status: 202 });
  return over(asked.body as JobView);
}

async function over({ id }: JobView): Promise<JobView> {
  for (let tries = 0; tries < 400; tries++) {
    const job = await stage.send<JobView>(200, "GET", `${base}/jobs/${id}/`);
    if (job.finished_date !== null) return job;
    await Bun.sleep(25);
  }
  throw new Error(`job ${id} does not end`);
}

const tryOut = (body: object) => stage.send<DryRun>(200, "POST", `${base}/jobs/`, { ...body, dry_run: true });
const listed = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

const identity = (identifier: string) =>
  stage.app.db.kysely
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environment)
    .where("identifier", "=", identifier)
    .executeTakeFirst();
const traitsOf = async (identifier: string) => JSON.parse((await identity(identifier))?.traits ?? "null");
const overridesOf = (identifier: string) =>
  stage.app.db.kysely
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment)
    .where("identifier", "=", identifier)
    .execute();

describe("overrides of many", () => {
  test("are tried, set, told to whoever asks, audited for each identity, and removed again", async () => {
    await fill("o", 1200);
    const identities = { identifiers: [...listed("o", 1200), "nobody"] };
    const body = {
      type: "set_override",
      feature: "Banner",
      enabled: true,
      value: "loud",
      reason: "a sale",
      identities,
    };
    expect(await tryOut(body)).toMatchObject({
      matched: 1200,
      would_create: 1200,
      would_change: 0,
      unchanged: 0,
      problems: [{ identifier: "nobody", message: "There is no such identity." }],
    });
    const before = await stage.revision(environment);
    const job = await run(body);
    expect(job).toMatchObject({
      status: "done",
      progress: { done: 1201, total: 1201, changed: 1200, failed: 1 },
      problems: [{ identifier: "nobody" }],
      created_by: "test key",
      cancellable: false,
    });
    expect(await stage.revision(environment)).toBeGreaterThan(before);
    expect((await stage.identify(key, "o7"))["banner"]).toEqual({ enabled: true, feature_state_value: "loud" });
    const [row] = await overridesOf("o1199");
    expect(row).toMatchObject({ reason: "a sale", value: '"loud"', is_expired: 0, expires_at: null });
    expect(row?.updated_by).toBe(`key:${stage.admin.keyId}`);
    expect(row?.hash_seed).toBe(row?.uuid ?? "");
    const subjects = await stage.app.db.kysely
      .selectFrom("audit_subjects")
      .selectAll()
      .where("subject_id", "=", `${environment}:o1199`)
      .execute();
    expect(subjects).toHaveLength(1);
    const [last] = await stage.audit();
    expect(last).toMatchObject({ object_type: "job", log: "A job set the override of banner for 1200 identities" });

    expect(await tryOut(body)).toMatchObject({ would_create: 0, would_change: 0, unchanged: 1200 });
    expect((await run(body)).progress.changed).toBe(0);
    expect(await tryOut({ ...body, value: "quiet" })).toMatchObject({ would_change: 1200, unchanged: 0 });

    const gone = { type: "remove_override", feature: feature.id, identities: { all: true } };
    expect(await tryOut(gone)).toMatchObject({ would_delete: 1200 });
    expect(await run(gone)).toMatchObject({ status: "done", progress: { changed: 1200 } });
    expect(await overridesOf("o7")).toEqual([]);
    expect((await identity("o7"))?.has_overrides).toBe(0);
    expect((await stage.identify(key, "o7"))["banner"]?.feature_state_value).toBe("plain");
  });

  test("change what they are told to and leave the rest; pin a variant by its key; end when they say", async () => {
    await fill("v", 3);
    const identities = { identifiers: listed("v", 3) };
    await run({ type: "set_override", feature: "banner", enabled: true, value: 7, reason: "first", identities });
    await run({ type: "set_override", feature: "banner", enabled: false, identities });
    expect(await overridesOf("v1")).toMatchObject([{ enabled: 0, value: "7", reason: "first" }]);
    const end = new Date(Date.now() + 3_600_000).toISOString();
    await run({ type: "set_override", feature: "banner", enabled: true, variant: "blue", expires_at: end, identities });
    expect((await stage.identify(key, "v2"))["banner"]).toEqual({ enabled: true, feature_state_value: "blue" });
    expect((await overridesOf("v2"))[0]?.expires_at).toBe(Date.parse(end));
  });

  test.each([
    [{ feature: "nothing" }, "feature"],
    [{ feature: "banner", variant: "green" }, "variant"],
    [{ feature: "banner", variant: "red", value: 1 }, "variant"],
    [{ feature: "banner", value: [1] }, "value"],
    [{ feature: "banner", expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
    [{ feature: "banner", identities: { all: true, identifiers: ["a"] } }, "identities"],
    [{ feature: "banner", identities: {} }, "identities"],
    [{}, "feature"],
  ])("%j is refused before there is a job", async (more, field) => {
    const body = { type: "set_override", identities: { identifiers: ["v1"] }, ...more };
    const answer = await stage.admin.call("POST", `${base}/jobs/`, body);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body as object)).toEqual([field]);
  });
});

describe("traits of many", () => {
  test("are laid over what is there, and taken away, with their types", async () => {
    await fill("t", 700, (n) => (n % 2 ? { n, plan: "pro" } : { n, plan: "free" }));
    const traits = { plan: "pro", ratio: 0.5, seats: 3, beta: true, n: null };
    const body = { type: "set_traits", traits, identities: { identifiers: listed("t", 700) } };
    expect(await tryOut(body)).toMatchObject({ matched: 700, would_change: 700 });
    expect(await run(body)).toMatchObject({ status: "done", progress: { changed: 700 } });
    expect(await traitsOf("t4")).toEqual({ plan: "pro", ratio: 0.5, seats: 3, beta: true });
    expect((await run(body)).progress).toMatchObject({ done: 700, changed: 0 });
  });

  test("one key is taken from everybody, and leaves no trace of whose it was", async () => {
    await fill("k", 600, () => ({ secret: "x", other: 1 }));
    const body = { type: "delete_trait", trait_key: "secret" };
    expect((await tryOut(body)).would_change).toBe(600);
    expect(await run(body)).toMatchObject({ status: "done", progress: { changed: 600 } });
    expect(await traitsOf("k599")).toEqual({ other: 1 });
    const [entry] = await stage.audit();
    expect(entry?.log).toBe("Trait secret removed from 600 identities of e");
  });
});

describe("deleting many", () => {
  test("takes their overrides along and tells the copies of the environment", async () => {
    await fill("d", 510);
    await run({ type: "set_override", feature: "banner", enabled: true, identities: { identifiers: ["d3"] } });
    const body = { type: "delete_identities", identities: { identifiers: listed("d", 510) } };
    expect((await tryOut(body)).would_delete).toBe(510);
    const before = await stage.revision(environment);
    expect(await run(body)).toMatchObject({ status: "done", progress: { changed: 510 } });
    expect(await identity("d3")).toBeUndefined();
    expect(await overridesOf("d3")).toEqual([]);
    expect(await stage.revision(environment)).toBeGreaterThan(before);
  });
});

describe("a search as the target", () => {
  test("names those it finds, and says where it is wrong", async () => {
    await fill("q", 40, (n) => ({ tier: n % 4 }));
    const body = { type: "set_traits", traits: { picked: true }, identities: { query: "identifier:q* tier:2" } };
    expect(await tryOut(body)).toMatchObject({ matched: 10, would_change: 10 });
    expect(await run(body)).toMatchObject({ status: "done", progress: { changed: 10 } });
    expect(await traitsOf("q2")).toEqual({ tier: 2, picked: true });
    expect(await traitsOf("q3")).toEqual({ tier: 3 });
    const wrong = { ...body, identities: { query: "(tier:2" } };
    expect((await stage.admin.call("POST", `${base}/jobs/`, wrong)).status).toBe(400);
  });
});

describe("counting a segment", () => {
  test("is exact, of one that is stored and of rules that are not", async () => {
    await fill("c", 2500, (n) => ({ counted: n }));
    const rules = [
      {
        type: "ALL",
        rules: [],
        conditions: [
          { property: "counted", operator: "LESS_THAN", value: "100" },
          { property: "counted", operator: "GREATER_THAN_INCLUSIVE", value: "10" },
        ],
      },
    ];
    const segment = await stage.send(201, "POST", `/api/v1/projects/${project}/segments/`, { name: "few", rules });
    expect((await run({ type: "count_segment", segment: segment.id })).result).toMatchObject({ count: 90 });
    const job = await run({ type: "count_segment", rules });
    expect(job.result).toMatchObject({ count: 90 });
    expect(job.progress.done).toBeGreaterThanOrEqual(2500);
    const both = await stage.admin.call("POST", `${base}/jobs/`, { type: "count_segment", rules, segment: segment.id });
    expect(both.status).toBe(400);
  });
});

describe("jobs", () => {
  test("are listed newest first, without those of other environments, and can be cancelled", async () => {
    const list = await stage.send<{ count: number; results: JobView[] }>(200, "GET", `${base}/jobs/?page_size=3`);
    expect(list.results).toHaveLength(3);
    expect(list.count).toBeGreaterThan(10);
    const dates = list.results.map((job) => job.created_date);
    expect(dates.toSorted().toReversed()).toEqual(dates);
    const other = await stage.send(201, "POST", "/api/v1/environments/", { name: "other", project });
    const path = `/api/v1/environments/${other["api_key"]}/jobs/`;
    expect(await stage.send<{ count: number }>(200, "GET", path)).toMatchObject({ count: 0 });
    const [first] = list.results;
    expect((await stage.admin.call("GET", `${path}${first?.id}/`)).status).toBe(404);
    const done = await stage.send<JobView>(200, "POST", `${base}/jobs/${first?.id}/cancel/`);
    expect(done.status).toBe("done");
  });

  test("need the permission of what they do", async () => {
    const grant = (...permissions: string[]) =>
      stage.client([{ scope: "environment", id: environment, permissions: ["VIEW_ENVIRONMENT", ...permissions] }]);
    const deleter = await grant("DELETE_IDENTITIES");
    const body = { type: "delete_identities", identities: { identifiers: ["nobody at all"] } };
    expect((await deleter.call("POST", `${base}/jobs/`, body)).status).toBe(202);
    const all = { type: "delete_identities", identities: { all: true } };
    expect((await deleter.call("POST", `${base}/jobs/`, all)).status).toBe(403);
    const traits = { type: "set_traits", traits: { a: 1 }, identities: { identifiers: ["x"] } };
    expect((await deleter.call("POST", `${base}/jobs/`, traits)).status).toBe(403);
    const seen = (await deleter.call("GET", `${base}/jobs/?page_size=100`)).body as { results: JobView[] };
    expect(new Set(seen.results.map((job) => job.type))).toEqual(new Set(["delete_identities"]));
    await stage.refuses("POST", `${base}/jobs/`, body, [await grant("VIEW_IDENTITIES")]);
  });
});
