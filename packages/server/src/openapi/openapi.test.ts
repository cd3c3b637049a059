/** The document is sound, leaves nothing out, and says what the runtime API really answers. (The admin side: authorisation.test.ts) */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAdminClient, createOrganisation, createTestApp, type TestApp } from "../testing/index.ts";
import { type Contract, readContract } from "../testing/matrix/contract.ts";

let app: TestApp;
let contract: Contract;
let document: OpenApi;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly "x-who-may": string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
}

interface OpenApi {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<"schemas" | "responses" | "securitySchemes", Readonly<Record<string, unknown>>>>;
}

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );

beforeAll(async () => {
  app = await createTestApp();
  contract = await readContract(app.request);
  document = contract.document as unknown as OpenApi;
});
afterAll(() => app.close());

function* inside(
  value: unknown,
  at = "#",
): Generator<{ readonly at: string; readonly value: Record<string, unknown> }> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* inside(item, `${at}/${i}`);
  else if (typeof value === "object" && value !== null) {
    yield { at, value: value as Record<string, unknown> };
    for (const [key, item] of Object.entries(value)) yield* inside(item, `${at}/${key}`);
  }
}

describe("the document", () => {
  test("is OpenAPI 3.1 whose references all lead somewhere", () => {
    expect(document.openapi).toBe("3.1.0");
    const lost = [...inside(document)].filter(({ value }) => {
      if (typeof value["$ref"] !== "string") return false;
      const path = value["$ref"].replace(/^#\//, "").split("/");
      return path.reduce<unknown>((found, key) => (found as Record<string, unknown>)?.[key], document) === undefined;
    });
    expect(lost).toEqual([]);
  });

  test("says of every operation what it is, who may call it and what it answers, once", () => {
    const all = operations();
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { path, operation } of all) {
      expect(operation.summary.length).toBeGreaterThan(0);
      expect(operation["x-who-may"].length).toBeGreaterThan(0);
      expect(operation.tags.every((tag) => tags.has(tag))).toBe(true);
      expect(Object.keys(operation.responses).some((status) => status.startsWith("2"))).toBe(true);
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      expect(inPath.map(({ name }) => name).sort()).toEqual(names.sort());
      expect(inPath.every(({ required }) => required)).toBe(true);
      for (const scheme of operation.security.flatMap((needed) => Object.keys(needed))) {
        expect(Object.keys(document.components.securitySchemes)).toContain(scheme);
      }
    }
  });

  test("has no schema that says nothing", () => {
    const empty = [...inside(document.components.schemas), ...inside(document.paths)].filter(
      ({ at, value }) => Object.keys(value).length === 0 && !/\/(not|properties)$/.test(at),
    );
    expect(empty.map(({ at }) => at)).toEqual([]);
  });
});

/** Not described: the document itself, better-auth's own door, pages for people, older names of the health routes, and the greeting. */
const OUTSIDE = [
  /^\/api\/v1\/(swagger|docs)/,
  /^\/api\/auth\/\*$/,
  /^\/oauth\/authorize/,
  /^\/proxy\/health/,
  /^\/healthcheck\*$/,
  /^\/$/,
];

const shape = (path: string): string => path.replace(/\{\w+\}|:\w+(\{\.\+\})?/g, "{}").replace(/(?<=.)\/$/, "");

describe("nothing is left out", () => {
  test("every mounted path is in the document", () => {
    const known = new Set(Object.keys(document.paths).map(shape));
    const mounted = app.app.mounted.map((route) => route.split(" ")[1] ?? "");
    const missing = mounted.filter((path) => !OUTSIDE.some((outside) => outside.test(path)) && !known.has(shape(path)));
    expect(missing).toEqual([]);
    const served = new Set(mounted.map(shape));
    expect(Object.keys(document.paths).filter((path) => !served.has(shape(path)))).toEqual([]);
  });

  test("every path answers 405 with the methods that the document names", async () => {
    const key = await environmentKey();
    for (const [path, item] of Object.entries(document.paths)) {
      const address = path.replace(/\{\w+\}/g, "1");
      const headers = { "X-Environment-Key": key, "X-API-Key": key };
      const answer = await app.request(address, { method: "PROPFIND", headers });
      // Plain pages and streams are mounted for GET alone and know no 405.
      if (answer.status === 404) {
        expect({ path, methods: Object.keys(item) }).toEqual({ path, methods: ["get"] });
        continue;
      }
      const allowed = (answer.headers.get("allow") ?? "").split(", ").filter((name) => !/^(OPTIONS|HEAD)$/.test(name));
      const named = Object.keys(item).map((method) => method.toUpperCase());
      expect({ path, status: answer.status, allowed: allowed.sort() }).toEqual({
        path,
        status: 405,
        allowed: named.sort(),
      });
    }
  });
});

/** A server-side key of an environment with a feature that has variants. */
let serverKey: string | undefined;

async function environmentKey(): Promise<string> {
  if (serverKey !== undefined) return serverKey;
  const admin = await createAdminClient(app.db, app.request, await createOrganisation(app.db, "Runtime"));
  const send = async (path: string, body: unknown) => {
    const answer = await admin.call("POST", `/api/v1/${path}`, body);
    expect(answer.status).toBe(201);
    return answer.body as { readonly id: number; readonly api_key: string; readonly key: string };
  };
  const project = await send("projects/", { name: "Runtime", organisation: admin.organisationId });
  const environment = await send("environments/", { name: "Runtime", project: project.id });
  const options = [{ type: "unicode", string_value: "red", default_percentage_allocation: 50 }];
  const features = `projects/${project.id}/features/`;
  await send(features, { name: "colour", initial_value: "grey", default_enabled: true, multivariate_options: options });
  await send(features, { name: "plain", initial_value: "x" });
  serverKey = (await send(`environments/${environment.api_key}/api-keys/`, { name: "tests" })).key;
  return serverKey;
}

const traits = [{ trait_key: "plan", trait_value: "pro" }];
const context = { context: { targetingKey: "ana", plan: "pro" } };

const RUNTIME = [
  ["GET", "/api/v1/flags/", "/api/v1/flags/"],
  ["GET", "/api/v1/flags/", "/api/v1/flags/?feature=plain"],
  ["GET", "/api/v1/flags/", "/api/v1/flags/?feature=missing"],
  ["POST", "/api/v1/identities/", "/api/v1/identities/", { identifier: "ana", traits }],
  ["POST", "/api/v1/identities/", "/api/v1/identities/", { identifier: {}, traits: [{}] }],
  ["GET", "/api/v1/identities/", "/api/v1/identities/?identifier=ana"],
  ["GET", "/api/v1/identities/", "/api/v1/identities/?identifier=ana&feature=colour"],
  ["POST", "/api/v1/bulk-identities/", "/api/v1/bulk-identities/", { data: [{ identifier: "ben" }] }],
  ["GET", "/api/v1/environment-document/", "/api/v1/environment-document/"],
  ["POST", "/api/v1/traits/", "/api/v1/traits/", { identity: { identifier: "ana" }, trait_key: "n", trait_value: 1 }],
  [
    "PUT",
    "/api/v1/traits/bulk/",
    "/api/v1/traits/bulk/",
    [{ identity: { identifier: "a" }, trait_key: "n", trait_value: 2 }],
  ],
  [
    "POST",
    "/api/v1/traits/increment-value/",
    "/api/v1/traits/increment-value/",
    { identifier: "ana", trait_key: "n", increment_by: 1 },
  ],
  ["GET", "/api/v1/flags/{identifier}", "/api/v1/flags/ana"],
  ["GET", "/api/v1/identities/{identifier}/", "/api/v1/identities/ana/"],
  ["POST", "/api/v1/identities/{identifier}/traits/{key}", "/api/v1/identities/ana/traits/m", { trait_value: "x" }],
  ["GET", "/api/v1/flags/{feature}/multivariate-options/", "/api/v1/flags/1/multivariate-options/"],
  ["POST", "/api/v1/analytics/flags/", "/api/v1/analytics/flags/", { plain: 3 }],
  ["POST", "/api/v2/analytics/flags/", "/api/v2/analytics/flags/", { evaluations: [] }],
  ["POST", "/v1/events", "/v1/events", { events: [{ event: "bought", timestamp: Date.now() }, {}] }],
  ["POST", "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags", context],
  ["POST", "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags", {}],
  ["POST", "/ofrep/v1/evaluate/flags/{flag}", "/ofrep/v1/evaluate/flags/colour", context],
  ["POST", "/ofrep/v1/evaluate/flags/{flag}", "/ofrep/v1/evaluate/flags/missing", context],
  ["GET", "/health/", "/health/?format=json"],
  ["GET", "/health/liveness/", "/health/liveness/"],
  ["GET", "/version/", "/version/"],
] as const;

describe("the runtime API answers what the document says", () => {
  test.each(RUNTIME.map(([method, path, address, body]) => [method, address, path, body] as const))(
    "%s %s",
    async (method, address, path, body) => {
      const key = await environmentKey();
      const headers = { "X-Environment-Key": key, "X-API-Key": key, "Content-Type": "application/json" };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await app.request(address, init);
      const text = await answer.text();
      const value: unknown = text === "" ? undefined : JSON.parse(text);
      expect({ faults: contract.faults(method, path, answer.status, value), value }).toEqual({ faults: [], value });
    },
  );
});

describe("the reference page", () => {
  test("has every operation, and links that lead somewhere", async () => {
    const page = await (await app.request("/api/v1/docs/")).text();
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const { operation } of operations()) expect(ids).toContain(operation.operationId);
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });

  test("runs no script and asks nobody else", async () => {
    const answer = await app.request("/api/v1/docs");
    const page = await answer.text();
    expect(answer.headers.get("content-security-policy")).toStartWith("default-src 'none'; style-src 'self'");
    expect(page).not.toMatch(/<script|<img|style="|https?:\/\//);
    const style = await app.request("/api/v1/docs/reference.css");
    expect(style.headers.get("content-type")).toContain("text/css");
    expect(await style.text()).not.toMatch(/url\(|@import/);
  });

  test("is not sent again to whoever has it", async () => {
    for (const path of ["/api/v1/docs/", "/api/v1/swagger.json", "/api/v1/swagger.yaml"]) {
      const etag = (await app.request(path)).headers.get("etag") ?? "";
      expect((await app.request(path, { headers: { "If-None-Match": etag } })).status).toBe(304);
    }
  });
});
