import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Explanation, SegmentReason } from "@burgee/contract/admin";
import { sql } from "kysely";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key = "";
let environmentId = 0;
let projectId = 0;
let segmentId = 0;
let skew = 0;

const create = async (path: string, body: object): Promise<Body> => stage.send(201, "POST", `/api/v1/${path}`, body);

const condition = (property: string, operator: string, value: string) => ({ property, operator, value });
const rules = (type: string, ...conditions: object[]) => [
  { type: "ALL", conditions: [], rules: [{ type, conditions, rules: [] }] },
];

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  projectId = (await create("projects/", { name: "explained", organisation: stage.organisationId })).id;
  const environment = await create("environments/", { name: "Production", project: projectId });
  key = String(environment["api_key"]);
  environmentId = environment.id;
  const features = `projects/${projectId}/features/`;
  await create(features, { name: "plain", initial_value: "hello", default_enabled: true });
  await create(features, { name: "empty" });
  const aimed = await create(features, { name: "aimed", initial_value: "all" });
  await create(features, {
    name: "split",
    initial_value: "control",
    default_enabled: true,
    multivariate_options: [
      { type: "unicode", string_value: "red", default_percentage_allocation: 30, key: "r" },
      { type: "unicode", string_value: "blue", default_percentage_allocation: 30, key: "b" },
    ],
  });
  const segment = await create(`projects/${projectId}/segments/`, {
    name: "grown-up pros",
    project: projectId,
    rules: rules("ALL", condition("plan", "EQUAL", "pro"), condition("age", "GREATER_THAN_INCLUSIVE", "18")),
  });
  segmentId = segment.id;
  await create(`projects/${projectId}/segments/`, {
    name: "half",
    project: projectId,
    rules: rules("ALL", condition("", "PERCENTAGE_SPLIT", "50")),
  });
  await create(`environments/${key}/features/${aimed.id}/create-segment-override/`, {
    feature_segment: { segment: segmentId },
    enabled: true,
    feature_state_value: { type: "unicode", string_value: "pros" },
  });
});
afterAll(() => stage.close());

const record = (identifier: string, rest = "") =>
  `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(identifier)}/${rest}`;

const save = (identifier: string, traits: object) => stage.admin.call("PUT", record(identifier), { traits });
const explain = (identifier: string, query = "") =>
  stage.send<Explanation>(200, "GET", record(identifier, `explain/${query}`));
const whatIf = (body: object) => stage.send<Explanation>(200, "POST", `/api/v1/environments/${key}/explain/`, body);
const flagOf = (explanation: Explanation, name: string) => {
  const flag = explanation.flags.find((candidate) => candidate.feature.name === name);
  if (!flag) throw new Error(`no flag ${name}`);
  return flag;
};
const segmentOf = (segments: readonly SegmentReason[], name: string) =>
  segments.find((segment) => segment.name === name) as SegmentReason;

describe("an explanation", () => {
  test("tells of every flag what the application is told, and in which segments the identity is", async () => {
    await save("ada", { plan: "pro", age: 36 });
    const told = await explain("ada");
    expect(told.identity).toEqual({
      identifier: "ada",
      is_known: true,
      traits: [
        { key: "age", type: "integer", value: 36 },
        { key: "plan", type: "string", value: "pro" },
      ],
      traits_hidden: false,
    });
    expect(told.revision).toBe(await stage.revision(environmentId));
    expect(told.environment).toEqual({ id: environmentId, name: "Production" });
    const served = await stage.identify(key, "ada");
    const explained = Object.fromEntries(
      told.flags.map(({ feature, enabled, value }) => [feature.name, { enabled, feature_state_value: value }]),
    );
    expect(explained as unknown).toEqual(served);
    const { results } = await stage.send<{ results: SegmentReason[] }>(200, "GET", record("ada", "segments/"));
    expect(results).toEqual(told.segments);
    expect(told.segments.map((segment) => segment.name)).toEqual(["grown-up pros", "half"]);
  });

  test("of a default says that everybody has it", async () => {
    const told = await explain("ada");
    expect(flagOf(told, "plain")).toMatchObject({
      source: "default",
      summary: 'On with "hello", as for everybody in Production.',
      segment: null,
      variant: null,
      split: null,
      override: null,
      trace: { reason: "DEFAULT", variants: [], lost: [] },
    });
    expect(flagOf(told, "empty").summary).toBe("Off, as for everybody in Production.");
  });

  test("of a segment's override names the segment, and shows its conditions with what was compared", async () => {
    const told = await explain("ada", "?feature=aimed");
    expect(told.flags).toHaveLength(1);
    expect(flagOf(told, "aimed")).toMatchObject({
      source: "segment",
      segment: { id: segmentId, name: "grown-up pros", priority: 0 },
      summary: 'On with "pros", because it is in segment "grown-up pros" (priority 0).',
    });
    const segment = segmentOf(told.segments, "grown-up pros");
    expect(segment).toMatchObject({ id: segmentId, is_member: true });
    expect(segment.summary).toBe('In it: plan is "pro", and age is at least 18 (it is 36).');
    expect(segment.trace?.rules[0]?.rules[0]?.conditions).toEqual([
      {
        property: "plan",
        operator: "EQUAL",
        value: "pro",
        operand: { type: "text", text: "pro" },
        held: true,
        split: null,
      },
      {
        property: "age",
        operator: "GREATER_THAN_INCLUSIVE",
        value: "18",
        operand: { type: "integer", text: "36" },
        held: true,
        split: null,
      },
    ]);
  });

  test("of a split tells the bucket and the thresholds it lies between", async () => {
    const seen = new Set<string | null>();
    for (let i = 0; i < 40; i += 1) {
      const flag = flagOf(await whatIf({ identifier: `split-${i}`, feature: "split" }), "split");
      const { bucket = -1, threshold_low = -1, threshold_high = -1 } = flag.split ?? {};
      expect(flag.source).toBe("split");
      expect(bucket >= threshold_low && bucket < threshold_high).toBe(true);
      const bounds = { r: [0, 30], b: [30, 60], control: [60, 100] }[flag.variant?.key ?? ""];
      expect([threshold_low, threshold_high]).toEqual(bounds ?? []);
      expect(flag.value).toBe({ r: "red", b: "blue", control: "control" }[flag.variant?.key ?? ""] ?? "");
      expect(flag.trace.variants.filter((variant) => variant.hit)).toHaveLength(
        flag.variant?.key === "control" ? 0 : 1,
      );
      seen.add(flag.variant?.key ?? null);
    }
    expect([...seen].sort()).toEqual(["b", "control", "r"]);
    const half = segmentOf((await whatIf({ identifier: "split-0" })).segments, "half");
    const split = half.trace?.rules[0]?.rules[0]?.conditions[0]?.split;
    expect(split?.threshold).toBe(50);
    expect((split?.bucket ?? -1) <= 50).toBe(half.is_member);
    expect(half.summary).toMatch(/^(In|Not in) it: its bucket [\d.]+ is (not )?within 50 %\.$/);
  });

  test("of an override tells who set it, when, why and until when; and of one that has ended, that it was", async () => {
    const ends = new Date(Date.now() + skew + 60_000);
    const body = { enabled: false, value: "mine", reason: "asked for", expires_at: ends.toISOString() };
    await stage.admin.call("PUT", record("ada", "overrides/aimed/"), body);
    const flag = flagOf(await explain("ada"), "aimed");
    expect(flag).toMatchObject({
      enabled: false,
      value: "mine",
      source: "override",
      segment: null,
      override: { updated_by: "test key", reason: "asked for" },
      trace: {
        lost: [{ source: "segment", segment: { id: segmentId, name: "grown-up pros" }, because: "identity override" }],
      },
    });
    expect(flag.summary).toMatch(
      /^Off with "mine", because it was set for this identity by test key on \d{4}-\d\d-\d\d \d\d:\d\d UTC: "asked for"; it ends on /,
    );
    skew += 61_000;
    const after = flagOf(await explain("ada"), "aimed");
    expect(after).toMatchObject({
      source: "segment",
      override: null,
      expired_override: { reason: "asked for", updated_by: "test key" },
    });
    expect(after.summary).toContain("An override of this identity ended on ");
  });

  test("is refused for an unknown feature and an unknown identity", async () => {
    await stage.send(400, "GET", record("ada", "explain/?feature=nothing"));
    await stage.send(404, "GET", record("nobody", "explain/"));
    await stage.send(404, "GET", record("nobody", "segments/"));
  });
});

describe("what if", () => {
  test("lays traits over the stored ones, takes some away, and leaves all aside", async () => {
    await save("stored", { plan: "pro", age: 10 });
    const member = async (body: object) =>
      segmentOf((await whatIf({ identifier: "stored", ...body })).segments, "grown-up pros");
    expect((await member({})).summary).toBe("Not in it: age is less than 18 (it is 10).");
    expect((await member({ traits: { age: 20 } })).is_member).toBe(true);
    expect((await member({ traits: { age: 20 }, remove_traits: ["plan"] })).summary).toBe(
      "Not in it: plan is not set.",
    );
    expect((await member({ traits: { age: 20 }, stored: false })).is_member).toBe(false);
    expect((await whatIf({ identifier: "stored", stored: false })).identity).toMatchObject({
      is_known: true,
      traits: [],
    });
  });

  test("leaves overrides aside with the rest of what is stored", async () => {
    await stage.admin.call("PUT", record("overridden", "overrides/plain/"), { value: "mine" });
    expect(flagOf(await whatIf({ identifier: "overridden" }), "plain").value).toBe("mine");
    expect(flagOf(await whatIf({ identifier: "overridden", stored: false }), "plain").value).toBe("hello");
  });

  test("answers for somebody who was never seen as the application would be answered", async () => {
    const told = await whatIf({ identifier: "never seen", traits: { plan: "pro", age: 18 } });
    expect(told.identity.is_known).toBe(false);
    const served = await stage.identify(key, "never seen", { plan: "pro", age: 18 });
    for (const { feature, enabled, value } of told.flags) {
      expect({ enabled, feature_state_value: value }).toEqual(served[feature.name] as never);
    }
    expect((await whatIf({})).identity).toEqual({ identifier: "", is_known: false, traits: [], traits_hidden: false });
  });

  test("writes nothing: no row of any table, whoever is asked about", async () => {
    await save("unmoved", { plan: "free" });
    const { kysely } = stage.app.db;
    // As if it was seen long ago, which a call of the application would note.
    await kysely.updateTable("identities").set({ last_seen_day: 1 }).where("identifier", "=", "unmoved").execute();
    const everything = async () => {
      const tables = (await kysely.introspection.getTables()).map(({ name }) => name).sort();
      const rows = await Promise.all(
        tables.map(async (name) => {
          const found = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(kysely);
          // When the asking key was last used is noted for every request.
          const shown = found.rows.map(({ last_used_at: _used, ...row }) => JSON.stringify(row));
          return [name, shown.sort()];
        }),
      );
      return Object.fromEntries(rows);
    };
    /** Once nothing has moved for half a second: what was saved above is still being indexed. */
    const everythingAtRest = async () => {
      let last = await everything();
      for (let still = 0; still < 5; ) {
        await Bun.sleep(100);
        const next = await everything();
        still = JSON.stringify(next) === JSON.stringify(last) ? still + 1 : 0;
        last = next;
      }
      return last;
    };
    const before = await everythingAtRest();
    expect(before["identities"].length).toBeGreaterThan(1);
    await whatIf({ identifier: "unmoved", traits: { plan: "pro", age: 99 }, remove_traits: ["x"] });
    await whatIf({ identifier: "not there", traits: { plan: "pro" } });
    await explain("unmoved");
    await stage.send(200, "GET", record("unmoved", "segments/"));
    expect(await everythingAtRest()).toEqual(before);
  }, 30_000);

  test("refuses what no identity could have", async () => {
    for (const body of [
      { identifier: "x".repeat(2001) },
      { identifier: "\0" },
      { traits: { a: null } },
      { traits: { a: 3_000_000_000 } },
      { traits: [] },
      { traits: { ["k".repeat(201)]: 1 } },
      { remove_traits: "plan" },
      { feature: "nothing" },
      { stored: "perhaps" },
    ]) {
      const { status } = await stage.admin.call("POST", `/api/v1/environments/${key}/explain/`, body);
      expect([body, status]).toEqual([body, 400]);
    }
  });
});

describe("who may not see traits", () => {
  test("is told what comes out and of which segment, but neither traits nor conditions", async () => {
    await save("secretive", { plan: "pro", age: 77, password: "hunter2" });
    const overrider = await stage.client([
      { scope: "environment", id: environmentId, permissions: ["VIEW_ENVIRONMENT", "MANAGE_IDENTITY_OVERRIDES"] },
    ]);
    const told = await overrider.call("GET", record("secretive", "explain/"));
    expect(told.status).toBe(200);
    const body = told.body as Explanation;
    expect(body.identity).toMatchObject({ traits: [], traits_hidden: true });
    expect(flagOf(body, "aimed").source).toBe("segment");
    expect(segmentOf(body.segments, "grown-up pros")).toEqual({
      id: segmentId,
      name: "grown-up pros",
      is_member: true,
      summary: "In it.",
      trace: null,
    });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|"77"|operand/);
    const supposed = await overrider.call("POST", `/api/v1/environments/${key}/explain/`, { identifier: "secretive" });
    expect(JSON.stringify(supposed.body)).not.toMatch(/hunter2|"77"|operand/);
    expect((await overrider.call("GET", record("secretive", "segments/"))).status).toBe(403);
  });
});

test("an environment that splits by number explains as it serves", async () => {
  await stage.send(200, "PATCH", `/api/v1/environments/${key}/`, { use_identity_composite_key_for_hashing: false });
  for (let i = 0; i < 12; i += 1) {
    await save(`legacy-${i}`, {});
    const served = (await stage.identify(key, `legacy-${i}`))["split"]?.feature_state_value;
    expect(flagOf(await explain(`legacy-${i}`), "split").value).toBe(served as string);
  }
  const unseen = flagOf(await whatIf({ identifier: "legacy unseen" }), "split").value;
  const transient = await stage.app.request("/api/v1/identities/?identifier=legacy%20unseen&transient=true", {
    headers: { "X-Environment-Key": key },
  });
  const { flags } = (await transient.json()) as {
    flags: { feature: { name: string }; feature_state_value: unknown }[];
  };
  expect(flags.find((flag) => flag.feature.name === "split")?.feature_state_value).toBe(unseen);
});
