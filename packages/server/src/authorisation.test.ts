/**
 * Every route of the admin side, called by every kind of caller. A route without a line in the table of who may, or without a
 * call in testing/matrix, fails here. Answers are held against the OpenAPI document on the way.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { whoMayTable } from "./openapi/who-may/index.ts";
import type { TestApp } from "./testing/index.ts";
import {
  type Ask,
  callerNames,
  createCaller,
  createHolder,
  expectedStatus,
  singlePermissions,
} from "./testing/matrix/callers.ts";
import type { Call, Foreign } from "./testing/matrix/case.ts";
import { type Contract, readContract } from "./testing/matrix/contract.ts";
import { cases } from "./testing/matrix/index.ts";
import { createWorld, type World } from "./testing/matrix/world.ts";

// A case writes some sixty times; on a busy disk that takes a minute and more.
setDefaultTimeout(240_000);

let app: TestApp;
let world: World;
let contract: Contract;

beforeAll(async () => {
  world = await createWorld();
  app = world.app;
  contract = await readContract(app.request);
});
afterAll(() => app.close());

/** What the server writes at a time of its own (a webhook stopped, an override ended) is no caller's doing. */
const BY_ITSELF = ["webhooks", "expiry", "retention"];

const newestEntry = async (): Promise<number> => {
  const row = await app.db.kysely
    .selectFrom("audit")
    .where("actor", "not in", BY_ITSELF)
    .select((e) => e.fn.max("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
};

function addressOf(path: string, { params = {}, query = {} }: Pick<Call, "params" | "query">): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** The answer's status; refusals must have written nothing, and every answer must be what the document says. */
async function attempt(ask: Ask, method: string, path: string, call: Pick<Call, "params" | "query" | "body">) {
  const before = await newestEntry();
  const { status, body } = await ask(method, addressOf(path, call), call.body);
  const faults = contract.faults(method, path, status, body);
  if (status >= 400 && (await newestEntry()) !== before) faults.push("a refused call was written to the audit log");
  return { status, faults, ...(status >= 500 || faults.length > 0 ? { body } : {}) };
}

const foreignCall = (call: Call, { params, query, body }: Foreign): Pick<Call, "params" | "query" | "body"> => ({
  ...((params ?? call.params) ? { params: params ?? call.params ?? {} } : {}),
  ...((query ?? call.query) ? { query: query ?? call.query ?? {} } : {}),
  body: body ?? call.body,
});

describe("every route", () => {
  test("is in the table of who may, and has a call; and nothing else is there", () => {
    const routes = app.app.adminRoutes.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
    expect(new Set(routes).size).toBe(routes.length);
    expect(Object.keys(whoMayTable).sort()).toEqual(routes);
    expect(Object.keys(cases).sort()).toEqual(routes);
  });

  for (const [key, may] of Object.entries(whoMayTable)) {
    const [method = "", path = ""] = key.split(" ");
    const make = cases[key];
    if (!make) continue;

    describe(key, () => {
      test("answers each caller as the rules say", async () => {
        // Reading uses nothing up.
        const shared = method === "GET" ? await make(world) : undefined;
        const got: Record<string, unknown> = {};
        const wanted: Record<string, unknown> = {};
        for (const name of callerNames) {
          world.wait();
          const call = shared ?? (await make(world));
          const ask = await createCaller(world, name, call, may);
          got[name] = await attempt(ask, method, path, call);
          wanted[name] = { status: expectedStatus(name, call, may), faults: [] };
        }
        expect(got).toEqual(wanted);
      });

      test.each(singlePermissions(may).map((permission) => [permission]))("lets holders of %s", async (permission) => {
        const call = await make(world);
        const ask = await createHolder(world, permission, call, may);
        const own = { ...call, ...call.holding?.[permission] };
        expect(await attempt(ask, method, path, own)).toEqual({ status: call.status, faults: [] });
      });

      test("does not reach what is somebody else's", async () => {
        world.wait();
        const call = await make(world);
        for (const foreign of call.foreign ?? []) {
          const answer = await attempt(world.admin.call, method, path, foreignCall(call, foreign));
          expect({ what: foreign.what, ...answer }).toEqual({
            what: foreign.what,
            status: foreign.status ?? 404,
            faults: [],
          });
        }
      });
    });
  }
});
