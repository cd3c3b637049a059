/**
 * Every route of the admin side, asked what nobody should ask, by somebody who may do everything: wrong types, huge and deep
 * values, characters that cannot be stored, odd paths and queries, bodies that are not what they say. Nothing but the
 * documented refusals may come back. BURGEE_TEST_HOSTILE sets the number of tries a route.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { whoMayTable } from "./openapi/who-may/index.ts";
import { nearly, valid } from "./testing/hostile/from-schema.ts";
import {
  brokenBody,
  hostileJson,
  hostileQuery,
  hostileSegment,
  type RawBody,
} from "./testing/hostile/hostile-values.ts";
import type { Schema } from "./testing/json-schema.ts";
import type { Call } from "./testing/matrix/case.ts";
import { type Contract, readContract } from "./testing/matrix/contract.ts";
import { cases } from "./testing/matrix/index.ts";
import { createWorld, type World } from "./testing/matrix/world.ts";
import { createPerson } from "./testing/test-person.ts";

const TRIES = Number(process.env["BURGEE_TEST_HOSTILE"] ?? 12);
/** Longer than any of them should ever take, on a machine that is busy with something else. */
const SLOW_MS = 10_000;

setDefaultTimeout(120_000);

let world: World;
let contract: Contract;
let token = "";

beforeAll(async () => {
  world = await createWorld();
  contract = await readContract(world.app.request);
  token = (await createPerson(world.app, { organisationId: world.here.organisation, role: "ADMIN" })).token;
});
afterAll(() => world.app.close());

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Request_ {
  readonly method: string;
  readonly address: string;
  readonly body: RawBody | undefined;
}

const operationOf = (method: string, path: string) =>
  (contract.document.paths[path] as unknown as Readonly<Record<string, Operation>>)[method.toLowerCase()] as Operation;

/** Mostly as it should be, with one thing or another as it should not. */
function addresses(path: string, operation: Operation, call: Call): fc.Arbitrary<string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const right = (name: string) => fc.constant(encodeURIComponent(String(call.params?.[name] ?? "1")));
  const segments = fc.tuple(
    ...names.map((name) => fc.oneof({ weight: 5, arbitrary: right(name) }, { weight: 1, arbitrary: hostileSegment() })),
  );
  const queries = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  const given = Object.entries(call.query ?? {}).map(([name, value]) => `${name}=${value}`);
  const query = fc.oneof(
    { weight: 2, arbitrary: fc.constant(given.join("&")) },
    ...(queries.length === 0
      ? []
      : [
          {
            weight: 4,
            arbitrary: fc
              .tuple(fc.constantFrom(...queries.map(({ name }) => name)), hostileQuery())
              .map(([name, value]) =>
                [...given.filter((pair) => !pair.startsWith(`${name}=`)), `${name}=${value}`].join("&"),
              ),
          },
        ]),
  );
  return fc.tuple(segments, query).map(([values, search]) => {
    const filled = names.reduce((address, name, i) => address.replace(`{${name}}`, () => values[i] ?? "1"), path);
    return search === "" ? filled : `${filled}?${search}`;
  });
}

const json = (text: string): RawBody => ({ contentType: "application/json", bytes: text });

function bodies(operation: Operation, call: Call): fc.Arbitrary<RawBody | undefined> {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  if (!schema)
    return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: brokenBody() });
  const { schemas } = contract.document.components;
  return fc.oneof(
    { weight: 3, arbitrary: valid(schemas, schema).map((value) => json(JSON.stringify(value) ?? "null")) },
    {
      weight: 5,
      arbitrary: valid(schemas, schema)
        .chain((value) => nearly(value ?? null))
        .map(json),
    },
    { weight: 3, arbitrary: nearly(call.body ?? {}).map(json) },
    { weight: 1, arbitrary: hostileJson().map(json) },
    { weight: 1, arbitrary: brokenBody() },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

async function ask({ method, address, body }: Request_, authorization: string) {
  const headers = new Headers({ Authorization: authorization });
  if (body?.contentType !== undefined) headers.set("Content-Type", body.contentType);
  const started = performance.now();
  const sent = body === undefined ? {} : { body: body.bytes };
  const answer = await world.app.request(address, { method, headers, ...sent });
  return { status: answer.status, text: await answer.text(), ms: performance.now() - started };
}

/** What is wrong with the answer, if anything. */
function faultsOf(method: string, path: string, { status, text, ms }: Awaited<ReturnType<typeof ask>>): string[] {
  if (status >= 500) return [`answered ${status}: ${text.slice(0, 300)}`];
  if (ms > SLOW_MS) return [`took ${Math.round(ms)} ms`];
  // An escape may have made another path of it.
  if (status === 404 || status === 405) return JSON.parse(text) ? [] : ["has no body"];
  return contract.faults(method, path, status, text === "" ? undefined : JSON.parse(text));
}

describe("hostile requests get documented refusals", () => {
  for (const [key, may] of Object.entries(whoMayTable)) {
    const [method = "", path = ""] = key.split(" ");
    const make = cases[key];
    if (!make) continue;

    test(key, async () => {
      const call = await make(world);
      const operation = operationOf(method, path);
      const body = method === "GET" ? fc.constant(undefined) : bodies(operation, call);
      const requests = fc.record({ address: addresses(path, operation, call), body });
      const authorization =
        may.place === "person" ? `Token ${call.person?.token ?? token}` : `Api-Key ${world.admin.key}`;
      await fc.assert(
        fc.asyncProperty(requests, async ({ address, body: sent }) => {
          world.wait();
          const answer = await ask({ method, address, body: sent }, authorization);
          const faults = faultsOf(method, path, answer);
          if (faults.length > 0)
            throw new Error(`${faults.join("; ")} (status ${answer.status}: ${answer.text.slice(0, 300)})`);
        }),
        { numRuns: TRIES, endOnFailure: true },
      );
    });
  }

  // The other organisation, since ours may have been told to stop serving flags.
  test("and the server is well afterwards", async () => {
    const answer = await world.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": world.abroad.key } });
    expect(answer.status).toBe(200);
  });
});
