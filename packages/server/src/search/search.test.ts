/** What is found is what matches: every way of answering, against asking each identity by itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { parseQuery, printQuery, type Query } from "@burgee/contract/query";
import fc from "fast-check";
import { sql } from "kysely";
import { openReader, type Reader } from "../db/reader.ts";
import { isAppError } from "../errors.ts";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { insertEnvironment, upsertIdentity } from "../testing/test-environment.ts";
import { countStretch } from "./count.ts";
import { dialectOf } from "./dialect.ts";
import { byCodePoint, DAY_MS, matches, type Subject } from "./matcher.ts";
import { findPage, type PageLimits } from "./page.ts";
import { type IdentityRow, matcherContext, readTraits, subjectOf } from "./read-rows.ts";
import type { Key } from "./requests.ts";
import { createSearch, type Search, type SearchSort } from "./search.ts";
import { openSession } from "./session.ts";
import { type ResolvedQuery, resolveQuery } from "./wanted.ts";

const now = 20_000 * DAY_MS + 5_000;
let store: TestDatabase;
let reader: Reader;
let environmentId: number;
let projectId: number;
let search: Search;
let subjects: Subject[] = [];

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

function traitsOf(n: number): Record<string, string | number | boolean> {
  return {
    plan: pick(["pro", "free", "team", "Pro", true, 5], n * 7),
    ...(n % 3 === 0 ? { age: pick([5, 5.5, -1, 80, "5", "eighty"], n) } : {}),
    ...(n % 4 === 0 ? { email: pick(["ann@x.com", "BEN@X.com", "50%_off\\", "é@ü.de", ""], n / 4) } : {}),
    ...(n % 5 === 0 ? { 'odd "key" $.a[0]': pick([true, false, "v"], n / 5) } : {}),
    ...(n % 6 === 0 ? { long: `${"x".repeat(300)}${n % 12}` } : {}),
  };
}

const identifierOf = (n: number): string =>
  pick([`user-${n}`, `USER ${n}`, `ann@x.com/${n}?#%`, `é${n}`, `a_b%${n}`, `"${n}"`], n);

async function insertFeature(name: string): Promise<number> {
  const { id } = await store.db.kysely
    .insertInto("features")
    .values({
      project_id: projectId,
      uuid: crypto.randomUUID(),
      name,
      name_key: name.toLowerCase(),
      type: "STANDARD",
      default_enabled: 0,
      is_archived: 0,
      is_server_key_only: 0,
      created_at: 1,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

async function insertOverride(identifier: string, feature_id: number, is_expired = 0): Promise<void> {
  const override = { environment_id: environmentId, identifier, feature_id, uuid: crypto.randomUUID(), enabled: 1 };
  await store.db.kysely
    .insertInto("identity_overrides")
    .values({ ...override, value: "null", hash_seed: "s", variants: "[]", created_at: 1, updated_at: 1, is_expired })
    .execute();
  await sql`update identities set has_overrides = 1 where environment_id = ${environmentId} and identifier = ${identifier}`.execute(
    store.db.kysely,
  );
}

async function insertSegment(name: string, rules: unknown): Promise<void> {
  await store.db.kysely
    .insertInto("segments")
    .values({
      uuid: crypto.randomUUID(),
      project_id: projectId,
      name,
      rules: JSON.stringify(rules),
      created_at: 1,
      updated_at: 1,
    })
    .execute();
}

const condition = (operator: string, property_: string, value: string) => ({ operator, property_, value });

beforeAll(async () => {
  store = await openTestDatabase();
  reader = openReader(store.db.location);
  ({ environmentId, projectId } = await insertEnvironment(store.db));
  const elsewhere = await insertEnvironment(store.db);
  for (let n = 0; n < 260; n++) {
    // Another environment's, with ids in between.
    await store.db.lane.write(upsertIdentity, [elsewhere.environmentId, identifierOf(n), JSON.stringify(traitsOf(n))]);
    await store.db.lane.write(upsertIdentity, [environmentId, identifierOf(n), JSON.stringify(traitsOf(n))]);
  }
  await sql`update identities set created_at = cast(${now} as bigint) - (id % 60) * cast(${DAY_MS} as bigint), last_seen_day = 20000 - (id % 45)`.execute(
    store.db.kysely,
  );
  const [beta, dark] = [await insertFeature("beta"), await insertFeature("Dark Mode")];
  for (let n = 0; n < 260; n += 9) await insertOverride(identifierOf(n), n % 2 === 0 ? beta : dark);
  await insertOverride(identifierOf(9), beta);
  // Ended: of somebody with none beside it, and of somebody with another.
  await insertOverride(identifierOf(10), beta, 1);
  await insertOverride(identifierOf(18), dark, 1);
  await insertSegment("payers", [
    {
      type: "ALL",
      rules: [],
      conditions: [condition("EQUAL", "plan", "pro"), condition("PERCENTAGE_SPLIT", "", "50")],
    },
  ]);
  await insertSegment("old or odd", [
    { type: "ANY", rules: [], conditions: [condition("GREATER_THAN", "age", "18"), condition("REGEX", "email", "^é")] },
  ]);
  while (await store.db.identityIndex.follow(100, now));
  // Left for searches to look at beside the index.
  for (let n = 250; n < 270; n++) {
    await store.db.lane.write(upsertIdentity, [environmentId, identifierOf(n), JSON.stringify(traitsOf(n + 1))]);
  }
  await sql`delete from identities where identifier = ${identifierOf(3)}`.execute(store.db.kysely);
  subjects = await readSubjects();
  search = createSearch({ db: store.db, now: () => now });
}, 60_000);
afterAll(async () => {
  await search.close();
  await reader.close();
  await store.close();
});

async function readSubjects(): Promise<Subject[]> {
  const rows = await store.db.kysely
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("id")
    .execute();
  const overrides = await store.db.kysely
    .selectFrom("identity_overrides")
    .select(["identifier", "feature_id"])
    .where("environment_id", "=", environmentId)
    .where("is_expired", "=", 0)
    .execute();
  return rows.map((row) => ({
    ...subjectOf({ ...row, traits: String(row.traits) } as IdentityRow),
    overrides: new Set(overrides.filter(({ identifier }) => identifier === row.identifier).map((o) => o.feature_id)),
  }));
}

const dialect = () => dialectOf(store.db.location);
const resolve = (query: string | Query) => resolveQuery(store.db.kysely, { environmentId, query }, now);

function expected(resolved: ResolvedQuery, sort: SearchSort): number[] {
  const context = matcherContext(resolved);
  const found = subjects.filter((subject) => matches(resolved.query, subject, context));
  const byColumn = (a: Subject, b: Subject): number => {
    if (sort.endsWith("identifier")) return byCodePoint(a.identifier, b.identifier);
    return (sort.endsWith("last_seen") ? a.lastSeenDay - b.lastSeenDay : 0) || a.id - b.id;
  };
  return found.sort((a, b) => byColumn(a, b) * (sort.startsWith("-") ? -1 : 1)).map(({ id }) => id);
}

const ways: readonly (readonly [string, PageLimits])[] = [
  ["candidates read whole", { few: 4_000, many: 40_000, firstPiece: 400, patience: 1_000 }],
  ["piece by piece", { few: 3, many: 5, firstPiece: 7, patience: 1_000 }],
  ["through the ids of candidates", { few: 0, many: 1, firstPiece: 3, patience: 4 }],
];
const sorts: readonly SearchSort[] = ["created", "-created", "identifier", "-identifier", "last_seen", "-last_seen"];
const orderOf = (sort: SearchSort) => ({
  column: sort.endsWith("created")
    ? ("id" as const)
    : sort.endsWith("identifier")
      ? ("identifier" as const)
      : ("last_seen_day" as const),
  isDescending: sort.startsWith("-"),
});

/** All pages, one after the other. */
async function allPages(resolved: ResolvedQuery, sort: SearchSort, limits: PageLimits, limit: number, timeMs = 10_000) {
  const ids: number[] = [];
  const totals: unknown[] = [];
  let after: Key | null = null;
  let pages = 0;
  do {
    const session = openSession(reader, dialect(), resolved);
    const order = orderOf(sort);
    const page: Awaited<ReturnType<typeof findPage>> = await findPage(
      session,
      { order, after, limit, timeMs, withTotal: after === null },
      limits,
    );
    ids.push(...page.rows.map(({ id }) => id));
    if (page.searchedAll && page.next !== null) expect(page.rows).toHaveLength(limit);
    if (after === null) totals.push(page.total);
    after = page.next;
    pages += 1;
  } while (after !== null && pages < 2_000);
  return { ids, total: totals[0] as { count: number; exact: boolean } | null, pages };
}

const queries = [
  "",
  "user",
  "USER-1",
  'identifier:"user-12"',
  "identifier:user-1*",
  'identifier:*"5"*',
  "a_b",
  '"%"',
  "x.com/1*",
  "plan:pro",
  "plan:pro,5,true",
  "plan!=pro",
  "plan:5",
  'plan:"5"',
  "age>5",
  "age>=5 age<80",
  'age>="5"',
  "email:*x.com*",
  "email:*@x.com",
  "email:ann*",
  'email:*"50%_off\\\\"',
  'email:""',
  "email>b",
  "has(email)",
  "-has(email)",
  'trait("odd key $.a[0]"):true',
  'trait("odd \\"key\\" $.a[0]"):true',
  'has("odd \\"key\\" $.a[0]")',
  `long:"${"x".repeat(300)}6"`,
  "long:xxx*",
  "has:override",
  "has:override(beta)",
  'has:override("dark mode") plan:pro',
  "segment:payers",
  'segment:"old or odd"',
  "-segment:payers plan:pro",
  "segment:payers or age:5",
  "created<10d",
  "created>30d",
  "created>=2024-09-20",
  "last_seen<7d",
  "last_seen>30d plan:pro",
  "plan:pro age>4",
  "(plan:pro or plan:free) -email:*ann*",
  "plan:nobody",
  "unknown:trait",
  "user or plan:team",
  "plan:pro plan:free",
  `"\u0000"`,
  `plan:"\ud800"`,
  `trait("\u0000"):1`,
];

describe.each(ways)("%s", (_, limits) => {
  test.each(queries)("%s", async (text) => {
    const resolved = await resolve(text);
    for (const sort of sorts) {
      const wanted = expected(resolved, sort);
      const { ids, total } = await allPages(resolved, sort, limits, sort === "created" ? 200 : 13);
      expect([sort, ids]).toEqual([sort, wanted]);
      if (total?.exact) expect(total.count).toBe(wanted.length);
      else if (total) expect(Math.abs(total.count - wanted.length)).toBeLessThan(120);
    }
    const session = openSession(reader, dialect(), resolved);
    expect((await countStretch(session, 0, Number.MAX_SAFE_INTEGER, 10_000)).matched).toBe(
      expected(resolved, "created").length,
    );
  });
});

test("any combination of conditions is answered by every way alike", async () => {
  const anyTerm = fc.constantFrom(
    ...queries.filter((text) => text !== "" && !text.includes(" or ") && !text.startsWith("(")),
  );
  const anyText = fc
    .array(fc.tuple(anyTerm, fc.constantFrom(" ", " or "), fc.constantFrom("", "-", "not ")), {
      minLength: 2,
      maxLength: 4,
    })
    .map((parts) => parts.map(([term, joint, not], at) => `${at === 0 ? "" : joint}${not}(${term})`).join(""));
  await fc.assert(
    fc.asyncProperty(anyText, fc.constantFrom(...sorts), fc.constantFrom(...ways), async (text, sort, [, limits]) => {
      const resolved = await resolve(text);
      expect((await allPages(resolved, sort, limits, 40)).ids).toEqual(expected(resolved, sort));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a page whose time is up says so, and the next ones find the rest", async () => {
  const resolved = await resolve("-segment:payers");
  const { ids, pages } = await allPages(
    resolved,
    "-created",
    { few: 0, many: 0, firstPiece: 5, patience: 1_000 },
    50,
    0,
  );
  expect(ids).toEqual(expected(resolved, "-created"));
  expect(pages).toBeGreaterThan(2);
});

test("while the index is behind, everybody is looked at", async () => {
  await sql`insert into identity_fill (environment_id, next_id, last_id) values (${environmentId}, 0, 1)`.execute(
    store.db.kysely,
  );
  await sql`delete from trait_texts where environment_id = ${environmentId} and value = 'pro'`.execute(store.db.kysely);
  const resolved = await resolve("plan:pro");
  expect((await allPages(resolved, "-created", ways[0]?.[1] as PageLimits, 20)).ids).toEqual(
    expected(resolved, "-created"),
  );
  await sql`update identity_fill set next_id = 0, last_id = (select max(id) from identities where environment_id = ${environmentId})`.execute(
    store.db.kysely,
  );
  const changes = await store.db.kysely.selectFrom("identity_changes").selectAll().execute();
  expect(changes.length).toBeGreaterThan(0);
  while (await store.db.identityIndex.follow(50, now));
  expect((await allPages(resolved, "-created", ways[0]?.[1] as PageLimits, 20)).ids).toEqual(
    expected(resolved, "-created"),
  );
});

describe("through the threads", () => {
  test("pages, with cursors that belong to their query", async () => {
    const resolved = await resolve("plan:pro");
    const first = await search.findPage({ environmentId, query: "plan:pro", sort: "identifier", limit: 20 });
    expect(first).toMatchObject({
      searchedAll: true,
      total: { count: expected(resolved, "identifier").length, exact: true },
    });
    const second = await search.findPage({
      environmentId,
      query: "plan:pro",
      sort: "identifier",
      limit: 20,
      cursor: first.next ?? "",
    });
    const ids = [...first.identities, ...second.identities].map(({ id }) => id);
    expect(ids).toEqual(expected(resolved, "identifier").slice(0, 40));
    expect(second.total).toEqual(first.total);
    for (const cursor of ["", "nonsense", "AAAA", first.next ?? ""]) {
      const failed = await search
        .findPage({ environmentId, query: "plan:free", sort: "identifier", limit: 20, cursor })
        .catch((error) => error);
      expect(isAppError(failed, "invalid")).toBe(true);
    }
  });

  test("rows count their overrides that have not ended", async () => {
    const { identities } = await search.findPage({ environmentId, query: "has:override", sort: "created", limit: 200 });
    expect(identities.find(({ identifier }) => identifier === identifierOf(9))?.override_count).toBe(2);
    expect(identities.find(({ identifier }) => identifier === identifierOf(18))?.override_count).toBe(1);
    expect(identities.some(({ identifier }) => identifier === identifierOf(10))).toBe(false);
  });

  test("scans meet everybody once, whatever the size of the steps", async () => {
    const ids: number[] = [];
    for (let afterId: number | null = 0; afterId !== null; ) {
      const scan = await search.scanMatching({ environmentId, query: "plan:pro or age>5", afterId, limit: 7 });
      ids.push(...scan.identities.map(({ id }) => id));
      afterId = scan.nextId;
    }
    expect(ids).toEqual(expected(await resolve("plan:pro or age>5"), "created"));
  });

  test("counts are exact, tell of their progress, and end when told to", async () => {
    const shares: number[] = [];
    const count = await search.countMatching({
      environmentId,
      query: "segment:payers",
      onProgress: ({ share }) => shares.push(share),
    });
    expect(count).toBe(expected(await resolve("segment:payers"), "created").length);
    expect(shares.at(-1)).toBe(1);
    const signal = AbortSignal.abort(new Error("enough"));
    const ended = await search.countMatching({ environmentId, query: "plan:pro", signal }).catch((error) => error);
    expect(ended).toMatchObject({ message: "enough" });
  });

  test("rules that are not stored are matched too", async () => {
    const rules = {
      segmentId: 0,
      rules: [{ type: "ALL" as const, rules: [], conditions: [condition("EQUAL", "plan", "team")] }],
    };
    const wanted = subjects.filter(({ traits }) => traits["plan"] === "team" || traits["plan"] === true);
    expect(await search.countMatching({ environmentId, rules })).toBe(wanted.length);
    expect(await search.countMatching({ environmentId, rules, query: "user" })).toBe(
      wanted.filter(({ identifier }) => identifier.toLowerCase().includes("user")).length,
    );
    expect(await search.estimateMatching({ environmentId, rules })).toMatchObject({ count: wanted.length, margin: 0 });
  });

  test("what is no query, and what names nothing, is refused with its place", async () => {
    const refusals: [string, object][] = [
      ["plan:", { position: 5, length: 0 }],
      ['user segment:"none"', { q: ['This project has no segment "none".'], position: 5, length: 14 }],
      ["has:override(none)", { q: ['This project has no feature "none".'], position: 0, length: 18 }],
    ];
    for (const [query, body] of refusals) {
      const failed = await search.findPage({ environmentId, query, sort: "created", limit: 1 }).catch((error) => error);
      expect(failed.details?.body).toMatchObject(body);
    }
    expect(
      isAppError(await search.countMatching({ environmentId: 987_654 }).catch((error) => error), "not_found"),
    ).toBe(true);
  });
});

test("the tests' own queries are read as they are printed", () => {
  for (const text of queries) {
    const parsed = parseQuery(text);
    if (parsed.ok) expect(parseQuery(printQuery(parsed.query))).toMatchObject({ query: parsed.query });
    else throw new Error(text);
  }
  expect(readTraits('{"a":2.0}')).toMatchObject({ a: { float: 2 } });
});
