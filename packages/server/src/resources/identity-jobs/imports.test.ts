import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DryRun, JobView } from "@burgee/contract/admin";
import { type AdminClient, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key: string;
let environment: number;
let project: number;
let base: string;

beforeAll(async () => {
  stage = await createStage();
  project = (await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId })).id;
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project });
  environment = made.id;
  key = String(made["api_key"]);
  base = `/api/v1/environments/${key}`;
  await stage.send(201, "POST", `/api/v1/projects/${project}/features/`, {
    name: "banner",
    initial_value: "plain",
    multivariate_options: [{ type: "unicode", string_value: "red", default_percentage_allocation: 0, key: "red" }],
  });
});
afterAll(() => stage.close());

type Format = "ndjson" | "csv";

async function post(
  format: Format,
  body: string | Uint8Array<ArrayBuffer>,
  more = "",
  client: AdminClient = stage.admin,
) {
  const answer = await stage.app.request(`${base}/identity-imports/?format=${format}${more}`, {
    method: "POST",
    headers: { Authorization: `Api-Key ${client.key}`, "Content-Type": "application/x-ndjson" },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as JobView & DryRun & { file?: string[] } };
}

async function over({ id }: { readonly id: string }): Promise<JobView> {
  for (let tries = 0; tries < 800; tries++) {
    const job = await stage.send<JobView>(200, "GET", `${base}/jobs/${id}/`);
    if (job.finished_date !== null) return job;
    await Bun.sleep(25);
  }
  throw new Error("the import does not end");
}

async function imported(format: Format, body: string): Promise<JobView> {
  const asked = await post(format, body);
  expect(asked).toMatchObject({ status: 202, body: { type: "import_identities" } });
  return over(asked.body);
}

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const rowOf = (identifier: string) =>
  stage.app.db.kysely
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environment)
    .where("identifier", "=", identifier)
    .executeTakeFirst();
const traitsOf = async (identifier: string) => JSON.parse((await rowOf(identifier))?.traits ?? "null");
const overridesOf = (identifier: string) =>
  stage.app.db.kysely
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment)
    .where("identifier", "=", identifier)
    .execute();

describe("lines of JSON", () => {
  test("create, change and leave alone, and say which they did", async () => {
    const first = lines([
      { identifier: "a", traits: { plan: "pro", n: 1, ratio: 1.5 } },
      { identifier: "b" },
      { identifier: "c/ü 😀?#%", traits: { "odd key": true } },
    ]);
    expect(await imported("ndjson", first)).toMatchObject({
      status: "done",
      progress: { done: 3, total: 3, changed: 3, failed: 0 },
      result: { created: 3, changed: 0, unchanged: 0, failed: 0, overridden: 0 },
    });
    const again = lines([{ identifier: "a", traits: { n: null, plan: "free", extra: "x" } }, { identifier: "b" }]);
    const tried = await post("ndjson", again, "&dry_run=true");
    expect(tried).toMatchObject({ status: 200, body: { matched: 2, would_create: 0, would_change: 1, unchanged: 1 } });
    expect(await traitsOf("a")).toEqual({ plan: "pro", n: 1, ratio: 1.5 });
    expect((await imported("ndjson", again)).result).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
    expect(await traitsOf("a")).toEqual({ plan: "free", ratio: 1.5, extra: "x" });
    expect(await traitsOf("c/ü 😀?#%")).toEqual({ "odd key": true });
  });

  test("bring whole floats, dates and overrides along", async () => {
    const end = new Date(Date.now() + 86_400_000).toISOString();
    const text =
      '{"identifier":"w1","traits":{"f":2.0},"created_date":"2024-05-06T07:08:09Z","last_seen":"2025-01-02"}\n' +
      `{"identifier":"w2","overrides":[{"feature":"Banner","enabled":true,"value":"loud","reason":"vip","expires_at":"${end}"}]}\n` +
      '{"identifier":"w3","overrides":[{"feature":"banner","variant":"red","enabled":true}]}';
    const before = await stage.revision(environment);
    expect((await imported("ndjson", text)).result).toMatchObject({ created: 3, overridden: 2 });
    expect((await rowOf("w1"))?.traits).toContain("2.0");
    expect(await rowOf("w1")).toMatchObject({
      created_at: Date.parse("2024-05-06T07:08:09Z"),
      last_seen_day: Date.parse("2025-01-02") / 86_400_000,
    });
    expect(await overridesOf("w2")).toMatchObject([{ value: '"loud"', reason: "vip", expires_at: Date.parse(end) }]);
    expect((await stage.identify(key, "w3"))["banner"]).toEqual({ enabled: true, feature_state_value: "red" });
    expect(await stage.revision(environment)).toBeGreaterThan(before);
  });

  test("that cannot be read are named with their line, and the others are taken", async () => {
    const long = "x".repeat(2001);
    const text = [
      '{"identifier":"ok1"}',
      "not json",
      "",
      '["a list"]',
      '{"traits":{}}',
      '{"identifier":""}',
      `{"identifier":"${long}"}`,
      '{"identifier":"bad1","traits":[1]}',
      '{"identifier":"bad2","traits":{"n":2147483648}}',
      '{"identifier":"bad3","traits":{"o":{"a":1}}}',
      `{"identifier":"bad4","traits":{"s":"${long}"}}`,
      '{"identifier":"bad5","overrides":[{"feature":"nothing"}]}',
      '{"identifier":"bad6","overrides":[{"feature":"banner","variant":"green"}]}',
      '{"identifier":"bad7","traits":{"":1}}',
      '{"identifier":"bad\\u0000"}',
      '{"identifier":"ok2","traits":{"__proto__":5,"constructor":"x"}}',
    ].join("\n");
    const job = await imported("ndjson", text);
    expect(job.progress).toMatchObject({ done: 15, changed: 2, failed: 13 });
    expect(job.problems.map((problem) => problem.line)).toEqual([2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(job.problems[9]).toEqual({ line: 12, identifier: "bad5", message: 'there is no feature "nothing"' });
    expect(await rowOf("bad1")).toBeUndefined();
    expect(Object.entries(await traitsOf("ok2")).toSorted()).toEqual([
      ["__proto__", 5],
      ["constructor", "x"],
    ]);
  });

  test("about one identity are all counted, the last one last", async () => {
    const rows = Array.from({ length: 50 }, (_, n) => ({ identifier: "same", traits: { n, [`k${n % 3}`]: n } }));
    const job = await imported("ndjson", lines(rows));
    expect(job.result).toMatchObject({ created: 1, changed: 49 });
    expect(await traitsOf("same")).toEqual({ n: 49, k0: 48, k1: 49, k2: 47 });
  });

  test("in their thousands come in order and whole, in pieces that break where records do", async () => {
    const count = 12_000;
    const rows = Array.from({ length: count }, (_, n) => ({
      identifier: `m${n}`,
      traits: { n, s: "é".repeat(n % 60) },
    }));
    const job = await imported("ndjson", lines(rows));
    expect(job).toMatchObject({ status: "done", progress: { done: count, total: count, changed: count, failed: 0 } });
    expect(await traitsOf("m11999")).toEqual({ n: 11_999, s: "é".repeat(11_999 % 60) });
    const left = await stage.app.db.kysely.selectFrom("job_files").select("job_id").execute();
    expect(left).toEqual([]);
  });
});

describe("CSV", () => {
  test("has its types from the heads or guesses them, and quotes as it should", async () => {
    const text = [
      '\ufeffidentifier,plan,n,ratio:float,zip:string,beta:boolean,"odd, key",override:banner',
      'x1,pro,5,2,007,yes,"say ""hi""",on',
      'x2,"two\nlines",-3,1.25,1,false,,"{""variant"":""red"",""enabled"":true}"',
      "x3,,,,,,,loud",
      "x4,true,1.0,0.5,,0,007,off",
      "",
    ].join("\r\n");
    const job = await imported("csv", text);
    expect(job).toMatchObject({ status: "done", progress: { changed: 4, failed: 0 } });
    expect((await rowOf("x1"))?.traits).toContain("2.0");
    expect(await traitsOf("x1")).toEqual({
      plan: "pro",
      n: 5,
      ratio: 2,
      zip: "007",
      beta: true,
      "odd, key": 'say "hi"',
    });
    expect(await traitsOf("x2")).toEqual({ plan: "two\nlines", n: -3, ratio: 1.25, zip: "1", beta: false });
    expect(await traitsOf("x3")).toEqual({});
    expect(await traitsOf("x4")).toEqual({ plan: true, n: 1, ratio: 0.5, beta: false, "odd, key": "007" });
    expect((await overridesOf("x1"))[0]).toMatchObject({ enabled: 1, value: '"plain"' });
    expect((await overridesOf("x2"))[0]?.variants).toContain("option_id");
    expect((await overridesOf("x3"))[0]).toMatchObject({ enabled: 1, value: '"loud"' });
    expect((await overridesOf("x4"))[0]).toMatchObject({ enabled: 0 });
  });

  test("names the lines that cannot be read", async () => {
    const text = "identifier,n:integer\ny1,1\ny2,1.5\n,3\ny3,4,5\ny4,6\n";
    const job = await imported("csv", text);
    expect(job.progress).toMatchObject({ changed: 2, failed: 3 });
    expect(job.problems).toEqual([
      { line: 3, identifier: "y2", message: 'trait n: "1.5" is not a whole number' },
      { line: 4, identifier: "", message: "the identifier is empty" },
      { line: 5, message: "3 cells, but 2 columns" },
    ]);
  });

  test.each([
    ["name,plan\na,b\n", "identifier"],
    ["identifier,override:nothing\na,on\n", "no such feature"],
    ["identifier,identifier\na,b\n", "identifier"],
    ["identifier;plan\na;b\n", "commas"],
    ["identifier,plan,plan\na,b,c\n", 'Column "plan" is there twice'],
    ["identifier,override:banner,override:BANNER\na,on,off\n", "twice"],
    ["", "empty"],
  ])("%j is refused before there is a job", async (text, words) => {
    const answer = await post("csv", text);
    expect(answer.status).toBe(400);
    expect(answer.body.file?.[0] ?? JSON.stringify(answer.body)).toContain(words);
  });
});

describe("export", () => {
  test.each(["ndjson", "csv"] as const)("of %s is what an import reads again", async (format) => {
    await imported(
      "ndjson",
      '{"identifier":"r1","traits":{"f":2.0,"s":"a,\\"b\\"\\nc","n":-5,"t":false,"mix":"5"},"created_date":"2024-01-01T00:00:00Z","last_seen":"2025-01-02"}\n' +
        '{"identifier":"r2","traits":{"s":" spaced ","mix":5},"overrides":[{"feature":"banner","enabled":true,"variant":"red","reason":"a \\"b\\"","expires_at":"2100-01-01T00:00:00Z"}]}\n',
    );
    const identities = { identifiers: ["r1", "r2", "not there"] };
    const body = { type: "export_identities", format, overrides: true, identities };
    const job = await over(await stage.send<JobView>(202, "POST", `${base}/jobs/`, body));
    expect(job).toMatchObject({ status: "done", summary: "2 identities exported.", progress: { failed: 1 } });
    const file = await stage.app.request(String(job.result_url), {
      headers: { Authorization: `Api-Key ${stage.admin.key}` },
    });
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="identities-${environment}.${format}"`);
    const text = await file.text();
    const before = await Promise.all([rowOf("r1"), rowOf("r2"), overridesOf("r2")]);
    const gone = { type: "delete_identities", identities };
    await over(await stage.send<JobView>(202, "POST", `${base}/jobs/`, gone));
    expect(await rowOf("r1")).toBeUndefined();
    expect((await imported(format, text)).result).toMatchObject({ created: 2, failed: 0, overridden: 1 });
    const after = await Promise.all([rowOf("r1"), rowOf("r2"), overridesOf("r2")]);
    expect(JSON.parse(after[0]?.traits ?? "")).toEqual(JSON.parse(before[0]?.traits ?? ""));
    expect(after[0]?.traits).toContain("2.0");
    expect(JSON.parse(after[1]?.traits ?? "")).toEqual({ s: " spaced ", mix: 5 });
    const { variants = "", expires_at = null } = before[2][0] ?? {};
    expect(after[2][0]).toMatchObject({ enabled: 1, variants, reason: 'a "b"', expires_at });
    expect(after[0]?.created_at).toBe(before[0]?.created_at ?? 0);
    expect(after[0]?.last_seen_day).toBe(before[0]?.last_seen_day ?? 0);
  });

  test("names identities to the letter, those made of spaces too", async () => {
    const text = '{"identifier":" x9"}\n{"identifier":"  ","traits":{" k":1}}\n';
    expect(await imported("ndjson", text)).toMatchObject({ progress: { changed: 2, failed: 0 } });
    const identities = { identifiers: [" x9", "  "] };
    const gone = await stage.send<JobView>(202, "POST", `${base}/jobs/`, { type: "delete_identities", identities });
    expect(await over(gone)).toMatchObject({ summary: "2 identities deleted." });
  });
});

describe("who may", () => {
  test("nobody without the right; overrides need their own", async () => {
    const grant = (...permissions: string[]) =>
      stage.client([{ scope: "environment", id: environment, permissions: ["VIEW_ENVIRONMENT", ...permissions] }]);
    const row = lines([{ identifier: "p1" }]);
    expect((await post("ndjson", row, "", await grant("VIEW_IDENTITIES"))).status).toBe(403);
    expect((await post("ndjson", row, "", stage.stranger)).status).toBe(404);
    const manager = await grant("MANAGE_IDENTITIES");
    const text = lines([{ identifier: "p2" }, { identifier: "p3", overrides: [{ feature: "banner" }] }]);
    const job = await over((await post("ndjson", text, "", manager)).body);
    expect(job.problems).toEqual([{ line: 2, identifier: "p3", message: "you may not set overrides" }]);
  });

  test("a file that is not text is refused, and leaves nothing", async () => {
    const answer = await post("ndjson", new Uint8Array([0x7b, 0xff, 0xfe, 0x0a]));
    expect(answer).toMatchObject({ status: 400, body: { file: ["The file is not UTF-8."] } });
    expect(await post("ndjson", "a\0b")).toMatchObject({
      status: 400,
      body: { file: ["The file holds NUL characters."] },
    });
    const left = stage.app.db.kysely.selectFrom("jobs").select("id").where("status", "=", "uploading").execute();
    expect(await left).toEqual([]);
    expect((await post("yaml" as Format, "a")).status).toBe(400);
  });
});
