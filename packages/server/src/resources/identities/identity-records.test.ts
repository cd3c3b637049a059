import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let key = "";
let environmentId = 0;

beforeAll(async () => {
  stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "records",
    organisation: stage.organisationId,
  });
  const made = await stage.send(201, "POST", "/api/v1/environments/", { name: "production", project: project.id });
  key = String(made["api_key"]);
  environmentId = made.id;
});
afterAll(() => stage.close());

const pathOf = (identifier: string, rest = "") =>
  `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(identifier)}/${rest}`;

interface RecordBody {
  readonly id: number;
  readonly identifier: string;
  readonly traits: readonly { readonly key: string; readonly type: string; readonly value: unknown }[];
  readonly traits_hidden: boolean;
  readonly override_count: number;
  readonly last_seen: string;
}

/** As the administrator, with headers. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await stage.app.request(path, {
    method,
    headers: { Authorization: `Api-Key ${stage.admin.key}`, "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    etag: answer.headers.get("etag") ?? "",
    body: (text === "" ? undefined : JSON.parse(text)) as RecordBody & Body,
  };
}

const traitsOf = (body: RecordBody) => Object.fromEntries(body.traits.map((t) => [t.key, [t.type, t.value]]));

const newestAudit = async () => (await stage.audit())[0];

describe("an identity by its identifier", () => {
  test("is made by a put, which may be repeated and then writes nothing", async () => {
    const first = await ask("PUT", pathOf("ada"), '{"traits": {"plan": "pro", "age": 36, "rate": 2.0, "vip": true}}');
    expect(first.status).toBe(201);
    expect(first.etag).toMatch(/^"[\w-]{27}"$/);
    expect(first.body).toMatchObject({ identifier: "ada", environment: environmentId, override_count: 0 });
    expect(first.body.last_seen).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(traitsOf(first.body)).toEqual({
      age: ["integer", 36],
      plan: ["string", "pro"],
      rate: ["float", 2],
      vip: ["boolean", true],
    });
    const before = await newestAudit();
    const again = await ask("PUT", pathOf("ada"), '{"traits": {"plan": "pro", "age": 36, "rate": 2.0, "vip": true}}');
    expect([again.status, again.etag]).toEqual([200, first.etag]);
    expect(again.body).toEqual(first.body);
    expect((await newestAudit())?.id).toBe(before?.id as number);
    expect((await ask("GET", pathOf("ada"))).body).toEqual(first.body);
  });

  test("keeps what a body leaves out, and loses what it says null to", async () => {
    await ask("PUT", pathOf("grace"), { traits: { a: 1, b: "two", c: true } });
    const after = await ask("PATCH", pathOf("grace"), { traits: { a: null, c: "yes", d: 4 } });
    expect(after.status).toBe(200);
    expect(traitsOf(after.body)).toEqual({ b: ["string", "two"], c: ["string", "yes"], d: ["integer", 4] });
    const entry = await newestAudit();
    expect([entry?.action, entry?.object_type, entry?.log]).toEqual([
      "UPDATE",
      "trait",
      "Traits a, c, d changed for identity grace",
    ]);
    expect(JSON.parse(entry?.before ?? "")).toEqual({ a: 1, c: true });
    expect(JSON.parse(entry?.after ?? "")).toEqual({ c: "yes", d: 4 });
  });

  test("that is not there is not found, but by a put", async () => {
    for (const method of ["GET", "PATCH", "DELETE"]) {
      expect((await ask(method, pathOf("nobody"), method === "PATCH" ? {} : undefined)).status).toBe(404);
    }
    expect((await ask("PUT", pathOf("nobody", "traits/plan/"), { value: 1 })).status).toBe(404);
  });

  test("is deleted with its overrides, which moves the revision only where there were any", async () => {
    await ask("PUT", pathOf("gone"), {});
    const before = await stage.revision(environmentId);
    expect((await ask("DELETE", pathOf("gone"))).status).toBe(204);
    expect(await stage.revision(environmentId)).toBe(before);
    expect((await newestAudit())?.log).toBe("Identity deleted: gone");
    expect((await ask("GET", pathOf("gone"))).status).toBe(404);
  });

  test.each([
    ["a slash", "team/ada/1"],
    ["percent signs", "100% %2F %25"],
    ["a question mark and a hash", "who?what#where"],
    ["unicode and spaces", "Zoë 日本語 😀"],
    ["quotes, backslashes and a plus", `"a'b\\c"+d`],
    ["2,000 characters", "é".repeat(2000)],
    ["white space around it", " ada "],
    ["the name of a route", "explain"],
    ["a prototype's name", "__proto__"],
  ])("may hold %s", async (_what, identifier) => {
    const made = await ask("PUT", pathOf(identifier), { traits: { mine: "yes" } });
    expect([made.status, made.body.identifier]).toEqual([201, identifier]);
    const read = await ask("GET", pathOf(identifier));
    expect([read.status, read.body.identifier]).toEqual([200, identifier]);
    const row = await stage.app.db.kysely
      .selectFrom("identities")
      .select("id")
      .where("identifier", "=", identifier)
      .executeTakeFirst();
    expect(row?.id).toBe(read.body.id);
    expect((await ask("DELETE", pathOf(identifier))).status).toBe(204);
  });

  test("that cannot be stored is refused where it would be made, and not found elsewhere", async () => {
    for (const identifier of ["x".repeat(2001), "nul\0", "   "]) {
      const put = await ask("PUT", pathOf(identifier), {});
      expect([put.status, Object.keys(put.body)]).toEqual([400, ["identifier"]]);
      expect((await ask("GET", pathOf(identifier))).status).toBe(404);
      expect((await ask("GET", pathOf(identifier, "explain/"))).status).toBe(404);
    }
    expect((await ask("PUT", `/api/v1/environments/${key}/identities/by-identifier//`, {})).status).toBe(404);
  });
});

describe("if-match", () => {
  test("lets through who saw what is there, and tells the others what is", async () => {
    const { etag } = await ask("PUT", pathOf("matched"), { traits: { n: 1 } });
    const ours = await ask("PATCH", pathOf("matched"), { traits: { n: 2 } }, { "If-Match": etag });
    expect(ours.status).toBe(200);
    expect(ours.etag).not.toBe(etag);
    for (const [method, path] of [
      ["PUT", pathOf("matched")],
      ["PATCH", pathOf("matched")],
      ["DELETE", pathOf("matched")],
      ["PUT", pathOf("matched", "traits/n/")],
      ["DELETE", pathOf("matched", "traits/n/")],
    ] as const) {
      const body = path.includes("/traits/") ? { value: 3 } : { traits: { n: 3 } };
      const late = await ask(method, path, method === "DELETE" ? undefined : body, { "If-Match": etag });
      expect([late.status, late.etag]).toEqual([412, ours.etag]);
      expect(late.body["current"]).toEqual(ours.body);
    }
    expect((await ask("DELETE", pathOf("matched"), undefined, { "If-Match": `"x", ${ours.etag}` })).status).toBe(204);
  });

  test("with nothing there is 412, and if-none-match makes only what is not there", async () => {
    const none = await ask("PUT", pathOf("unmatched"), {}, { "If-Match": "*" });
    expect([none.status, none.body["current"]]).toEqual([412, null]);
    expect((await ask("PUT", pathOf("unmatched"), {}, { "If-None-Match": "*" })).status).toBe(201);
    expect((await ask("PUT", pathOf("unmatched"), {}, { "If-None-Match": "*" })).status).toBe(412);
  });

  test("is held against what the application wrote meanwhile", async () => {
    const { etag } = await ask("PUT", pathOf("busy"), { traits: { n: 1 } });
    await stage.identify(key, "busy", { n: 2 });
    expect((await ask("PATCH", pathOf("busy"), { traits: { n: 3 } }, { "If-Match": etag })).status).toBe(412);
  });

  test("has one winner of 32 that race", async () => {
    const { etag } = await ask("PUT", pathOf("raced"), { traits: { winner: -1 } });
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        ask("PATCH", pathOf("raced"), { traits: { winner: i } }, { "If-Match": etag }),
      ),
    );
    const winners = answers.flatMap(({ status }, i) => (status === 200 ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(31);
    expect(traitsOf((await ask("GET", pathOf("raced"))).body)).toEqual({ winner: ["integer", winners[0]] });
  });
});

describe("64 puts at once", () => {
  test("make one identity, and one of them says so", async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => ask("PUT", pathOf("one"), { traits: { [`t${i}`]: i } })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(63);
    const { body } = await ask("GET", pathOf("one"));
    expect(body.traits).toHaveLength(64);
  });
});

describe("a trait", () => {
  const set = (trait: string, body: unknown, identifier = "typed") =>
    ask("PUT", pathOf(identifier, `traits/${encodeURIComponent(trait)}/`), body);

  beforeAll(async () => void (await ask("PUT", pathOf("typed"), {})));

  test("is set as it is written", async () => {
    expect((await set("a", '{"value": 2.0}')).body).toEqual({ key: "a", type: "float", value: 2 } as never);
    expect((await set("a", '{"value": 2}')).body).toEqual({ key: "a", type: "integer", value: 2 } as never);
    expect((await set("a", { value: "2" })).body).toEqual({ key: "a", type: "string", value: "2" } as never);
    expect((await set("a", { value: false })).body).toEqual({ key: "a", type: "boolean", value: false } as never);
    expect((await set("a", { value: 2.5 })).body).toEqual({ key: "a", type: "float", value: 2.5 } as never);
  });

  test("is read as the type that is named", async () => {
    const made = await set("b", { value: 3, type: "float" });
    expect([made.status, made.body]).toEqual([201, { key: "b", type: "float", value: 3 } as never]);
    expect((await set("b", { value: "7", type: "integer" })).body).toMatchObject({ type: "integer", value: 7 });
    expect((await set("b", { value: 7, type: "string" })).body).toMatchObject({ type: "string", value: "7" });
    expect((await set("b", { value: "false", type: "boolean" })).body).toMatchObject({ type: "boolean", value: false });
    for (const wrong of [
      { value: "x", type: "integer" },
      { value: 2.5, type: "integer" },
      { value: "x", type: "float" },
      { value: 5, type: "boolean" },
      { value: true, type: "string" },
    ]) {
      const answer = await set("b", wrong);
      expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["value"]]);
    }
    expect((await set("b", { value: null })).status).toBe(400);
    expect((await set("b", { value: 1, type: "date" })).status).toBe(400);
  });

  test("may have any key that the application may give it", async () => {
    for (const trait of ["a/b", "50%", "Größe", "x".repeat(200), "constructor"]) {
      expect([trait, (await set(trait, { value: 1 })).status]).toEqual([trait, 201]);
      expect((await ask("DELETE", pathOf("typed", `traits/${encodeURIComponent(trait)}/`))).status).toBe(204);
      expect((await ask("DELETE", pathOf("typed", `traits/${encodeURIComponent(trait)}/`))).status).toBe(404);
    }
    expect((await set("x".repeat(201), { value: 1 })).status).toBe(400);
    expect((await ask("PUT", pathOf("typed"), { traits: { ["x".repeat(201)]: 1 } })).status).toBe(400);
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, i]));
    expect((await ask("PUT", pathOf("typed"), { traits: many })).status).toBe(400);
  });

  test("that is a float stays one for the application", async () => {
    await set("size", { value: 4, type: "float" }, "typed");
    const answer = await stage.app.request("/api/v1/identities/?identifier=typed", {
      headers: { "X-Environment-Key": key },
    });
    expect(await answer.text()).toContain('"trait_value":4.0');
  });
});

describe("who may not see traits", () => {
  test("sees the identity without them, and may not find them out by being refused", async () => {
    await ask("PUT", pathOf("private"), { traits: { secret: "x" } });
    const grant = {
      scope: "environment" as const,
      id: environmentId,
      permissions: ["VIEW_ENVIRONMENT", "MANAGE_IDENTITY_OVERRIDES", "DELETE_IDENTITIES"],
    };
    const overrider = await stage.client([grant]);
    const seen = (await overrider.call("GET", pathOf("private"))).body as RecordBody;
    expect([seen.traits, seen.traits_hidden]).toEqual([[], true]);
    const refused = await stage.app.request(pathOf("private"), {
      method: "DELETE",
      headers: { Authorization: `Api-Key ${overrider.key}`, "If-Match": '"x"' },
    });
    expect(refused.status).toBe(412);
    expect(JSON.stringify(await refused.json())).not.toContain("secret");
  });
});
