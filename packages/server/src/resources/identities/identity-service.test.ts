/** To write an identity without reading it first changes nothing but the time that it takes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type SentTrait, wholeFloat } from "@burgee/contract/sdk";
import fc from "fast-check";
import { loadEnvironment } from "../../documents/load.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { createTestApp, type TestApp } from "../../testing/index.ts";
import { oneEnvironment } from "../../testing/one-environment.ts";
import { createForesight } from "./foresight.ts";
import { createIdentitiesStore, type IdentitiesStore, type IdentityRow } from "./identities.store.ts";
import { createIdentityService, type IdentityService } from "./identity-service.ts";
import { readStoredTraits } from "./stored-traits.ts";

let app: TestApp;
let environment: LoadedEnvironment;
let store: IdentitiesStore;
let foreseen: IdentityService;
let read: IdentityService;
/** Identities that were written unread. */
let changed = 0;
let written: string[] = [];

/** The store, where somebody hears of every attempt to write unread. */
const watched = (hear: (row: IdentityRow | undefined) => void): IdentitiesStore => ({
  ...store,
  change: async (...about) => {
    const row = await store.change?.(...about);
    hear(row);
    return row;
  },
});

beforeAll(async () => {
  app = await createTestApp();
  await app.importDocument(oneEnvironment("serviceKey"));
  environment = (await loadEnvironment(app.db, 1)) as LoadedEnvironment;
  // PostgreSQL can do it too, though it gains nothing by it.
  const db = { ...app.db, capabilities: { ...app.db.capabilities, localReads: true } };
  store = createIdentitiesStore(db, Date.now, (_, identifier) => written.push(identifier));
  const counting = watched((row) => {
    if (row) changed += 1;
  });
  const fail = (error: unknown) => {
    throw error;
  };
  foreseen = createIdentityService(counting, fail, { note: () => {}, isLikely: () => true });
  read = createIdentityService({ ...store, change: undefined }, fail);
});
afterAll(() => app.close());

const trait = fc.record({
  key: fc.constantFrom("plan", "größe", "__proto__", "a.b"),
  value: fc.constantFrom(null, 2, wholeFloat(2), "2", true, "", "é\"'", 1.5, -0.25),
  transient: fc.boolean(),
});
const call = fc.record({
  who: fc.constantFrom("ann", "ben"),
  traits: fc.array(trait, { maxLength: 4 }),
  transient: fc.constantFrom(false, false, false, true),
  mayWrite: fc.constantFrom(true, true, true, false),
});

let runs = 0;
const stored = async (identifier: string) => {
  const row = await store.find(1, identifier);
  return row && Object.entries(readStoredTraits(row.traits));
};

test("answers, what is stored and who is told are the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 8 }), async (calls) => {
      runs += 1;
      for (const { who, traits, transient, mayWrite } of calls) {
        const told: string[][] = [];
        const answers: unknown[] = [];
        for (const [way, service] of [["foreseen", foreseen] as const, ["read", read] as const]) {
          written = [];
          const input = { identifier: `${way} ${who} ${runs}`, traits: traits as SentTrait[], transient, mayWrite };
          const answer = await service.identify(environment, input);
          answers.push({ traits: answer.traits, isStored: answer.id !== null });
          told.push(written.map((identifier) => identifier.replace(way, "")));
        }
        expect(answers[0]).toEqual(answers[1]);
        expect(told[0]).toEqual(told[1] as string[]);
        expect(await stored(`foreseen ${who} ${runs}`)).toEqual((await stored(`read ${who} ${runs}`)) as never);
      }
    }),
    { numRuns: 150 },
  );
  // Of about 600 calls; how many is chance.
  expect(changed).toBeGreaterThan(20);
});

describe("foresight", () => {
  test("learns from calls, and from identities that are new", async () => {
    let asked = 0;
    const counting = watched(() => {
      asked += 1;
    });
    const service = createIdentityService(counting, () => {});
    const identify = (identifier: string, value: number) =>
      service.identify(environment, {
        identifier,
        traits: [{ key: "n", value, transient: false }],
        transient: false,
        mayWrite: true,
      });
    for (let n = 0; n < 300; n++) await identify("changing", n);
    expect(asked).toBeGreaterThan(100);
    const before = asked;
    for (let n = 0; n < 100; n++) await identify(`new ${n}`, n);
    expect(asked - before).toBeLessThan(20);
  });

  test("takes a while to believe, and little to doubt", () => {
    const foresight = createForesight();
    const after = (times: number, happened: boolean) => {
      for (let n = 0; n < times; n++) foresight.note(happened);
      return foresight.isLikely();
    };
    expect(after(100, true)).toBe(false);
    expect(after(200, true)).toBe(true);
    expect(after(3, false)).toBe(true);
    expect(after(10, false)).toBe(false);
    // Four of five is not enough, however long.
    for (let n = 0; n < 1_000; n++) foresight.note(n % 5 > 0);
    expect(foresight.isLikely()).toBe(false);
  });
});
