/** Who lands in which bucket, seen from outside: seeds, identity keys, and the legacy environments that hash numbers. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { bucket } from "./bucket.ts";
import { buildDocument, clientKey, type DocumentInput, serverKey } from "./builders.ts";
import { send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";
import { flagRows } from "./wire-case.ts";

const split: DocumentInput = {
  features: [
    {
      name: "mv",
      enabled: true,
      value: "control",
      variants: [
        { key: "a", value: "A", weight: 25 },
        { key: "b", value: "B", weight: 33.3 },
      ],
    },
    { name: "rollout" },
  ],
  segments: [
    {
      name: "half",
      conditions: [{ property: "", operator: "PERCENTAGE_SPLIT", value: "50" }],
      overrides: [{ feature: "rollout", enabled: true }],
    },
  ],
};

let served: ServedApp;
beforeAll(async () => {
  served = await serveTestApp();
  await served.importDocument(buildDocument({ id: 1, ...split }), serverKey(1));
  const legacy = { use_identity_composite_key_for_hashing: false };
  const identities = Array.from({ length: 40 }, (_, i) => ({ identifier: `known-${i}`, overrides: [] }));
  await served.importDocument(buildDocument({ id: 2, ...split, environment: legacy, identities }), serverKey(2));
});
afterAll(() => served.close());

async function identify(key: string, body: Record<string, unknown>) {
  const headers = { "X-Environment-Key": key, "Content-Type": "application/json" };
  const request = { method: "POST", path: "/api/v1/identities/", headers, body: JSON.stringify(body) };
  const { status, text } = await send(served.port, request);
  expect(status).toBe(200);
  const answer = JSON.parse(text) as { identifier: string };
  return { identifier: answer.identifier, flags: flagRows(answer) };
}

/** What the published rules give for an identity key; ids are those the builder makes. */
function expected(environmentId: number, identityKey: string | number) {
  const base = environmentId * 1000;
  const place = bucket(base + 101, identityKey);
  const [value, variant] = place < 25 ? ["A", "a"] : place < 25 + 33.3 ? ["B", "b"] : ["control", "control"];
  return {
    mv: [true, value, variant],
    rollout: [bucket(base + 201, identityKey) <= 50, null, null],
  } as never;
}

test("the hash here gives the published values, rehash included", () => {
  expect(bucket(1, "env_alice")).toBe(70.99419883976795);
  expect(bucket(12345, "test_env_foobar")).toBe(51.990398079615915);
  expect(bucket(1, "u11401")).toBe(93.12862572514503);
  expect(bucket(1, "😀")).toBe(8.491698339667932);
});

test("identities hash with the client key and their identifier, whichever key asks", async () => {
  const seen = new Set<unknown>();
  for (let i = 0; i < 100; i += 1) {
    const identifier = i % 10 === 0 ? `ünï-😀-${i}` : `user-${i}`;
    const key = i % 2 === 0 ? clientKey(1) : serverKey(1);
    const { flags } = await identify(key, { identifier, transient: i % 3 === 0 });
    expect(flags).toEqual(expected(1, `${clientKey(1)}_${identifier}`));
    seen.add(flags["mv"]?.[2]);
  }
  expect(seen).toEqual(new Set(["a", "b", "control"]));
});

test("an anonymous identity hashes with the name it is given", async () => {
  for (let i = 0; i < 20; i += 1) {
    const traits = i % 2 === 0 ? [] : [{ trait_key: "n", trait_value: i }];
    const { identifier, flags } = await identify(clientKey(1), { traits });
    expect(flags).toEqual(expected(1, `${clientKey(1)}_${identifier}`));
  }
});

test("a legacy environment hashes the number of a stored identity", async () => {
  for (let i = 0; i < 40; i += 1) {
    const { flags } = await identify(i % 2 === 0 ? clientKey(2) : serverKey(2), { identifier: `known-${i}` });
    expect(flags).toEqual(expected(2, 2701 + i));
  }
});

test("a legacy environment has one bucket for all that are not stored", async () => {
  for (const body of [
    { identifier: "passing", transient: true },
    { identifier: "other", transient: true },
    { traits: [] },
  ]) {
    const { flags } = await identify(clientKey(2), body);
    expect(flags).toEqual(expected(2, "None"));
  }
});
