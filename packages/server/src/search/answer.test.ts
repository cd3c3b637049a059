/** Nothing is lost between the statements of one request, whenever the index takes over what was written before it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openReader, type Reader } from "../db/reader.ts";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment, upsertIdentity } from "../testing/test-environment.ts";
import { answerRequest } from "./answer.ts";
import { dialectOf } from "./dialect.ts";
import { findPage } from "./page.ts";
import type { CountAnswer, PageAnswer } from "./requests.ts";
import { openSession } from "./session.ts";
import { resolveQuery } from "./wanted.ts";

const identities = 30;
let store: TestDatabase;
let reader: Reader;
let environmentId: number;

beforeAll(async () => {
  store = await openTestDatabase();
  reader = openReader(store.db.location);
  ({ environmentId } = await insertEnvironment(store.db));
});
afterAll(async () => {
  await reader.close();
  await store.close();
});

const follow = async () => {
  while (await store.db.identityIndex.follow(100, 1_000));
};

/** A number of its own for each test: of a key, which the index meets the first time, or of a value. */
let made = 0;
async function write(traitsOf: (n: number) => object): Promise<void> {
  for (let n = 0; n < identities; n++) {
    await store.db.lane.write(upsertIdentity, [environmentId, `user-${n}`, JSON.stringify(traitsOf(n))]);
  }
}

/** The index takes over everything after the statement with this number. */
function followedAfter(statement: number): Reader {
  let run = 0;
  return {
    all: async (sql, parameters) => {
      const rows = await reader.all(sql, parameters);
      if (++run === statement) await follow();
      return rows as never;
    },
    close: async () => {},
  };
}

const dialect = () => dialectOf(store.db.location);
const resolve = (query: string) => resolveQuery(store.db.kysely, { environmentId, query }, 1_000);
const order = { column: "id", isDescending: false } as const;
const page = { order, after: null, limit: 100, timeMs: 10_000, withTotal: true } as const;

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("the index has everything after statement %i", (statement) => {
  test("of a page, for a key that it meets the first time", async () => {
    const key = `key${++made}`;
    await write((n) => ({ [key]: n % 2 }));
    const request = { kind: "page", resolved: await resolve(`${key}:1`), ...page } as const;
    const { rows, total } = (await answerRequest(followedAfter(statement), dialect(), request)) as PageAnswer;
    expect(rows).toHaveLength(identities / 2);
    expect(total).toEqual({ count: identities / 2, exact: true });
  });

  test("of a page, for a type that it meets the first time", async () => {
    const key = `key${++made}`;
    await write(() => ({ [key]: 0 }));
    await follow();
    await write((n) => ({ [key]: n % 2 ? "one" : 0 }));
    const request = { kind: "page", resolved: await resolve(`${key}:one`), ...page } as const;
    const { rows } = (await answerRequest(followedAfter(statement), dialect(), request)) as PageAnswer;
    expect(rows).toHaveLength(identities / 2);
  });

  test("of a count", async () => {
    const key = `key${++made}`;
    await write((n) => ({ [key]: n % 3 ? "yes" : "no" }));
    const ids = { afterId: 0, untilId: Number.MAX_SAFE_INTEGER, timeMs: 10_000 };
    const request = { kind: "count", resolved: await resolve(`${key}:yes`), ...ids } as const;
    const { matched } = (await answerRequest(followedAfter(statement), dialect(), request)) as CountAnswer;
    expect(matched).toBe(20);
  });

  test("of a page that goes through the ids of candidates", async () => {
    const value = `plan ${++made}`;
    await write((n) => ({ plan: n < 29 ? "free" : value }));
    await follow();
    await write((n) => ({ plan: n < 24 ? "free" : value }));
    const limits = { few: 0, many: 1, firstPiece: 3, patience: 1 };
    const session = openSession(followedAfter(statement), dialect(), await resolve(`plan:"${value}"*`));
    // Fewer than a sample makes expect come first, so that the first piece has none of them.
    const { rows, searchedAll } = await findPage(session, { ...page, limit: 1 }, limits);
    expect([rows.map(({ identifier }) => identifier), searchedAll]).toEqual([["user-24"], true]);
  });
});
