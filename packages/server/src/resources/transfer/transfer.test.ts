import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { createSetupToken, setupTokenExpiry } from "../../accounts/first-account.ts";
import type { Db } from "../../db/database.ts";
import { openDatabase } from "../../db/open-database.ts";
import { createTestApp, databaseName, type TestApp } from "../../testing/index.ts";
import { oneEnvironment } from "../../testing/one-environment.ts";
import { openTestDatabase } from "../../testing/test-database.ts";
import { exportInstallation } from "./export-installation.ts";
import { importInstallation, TransferError } from "./import-installation.ts";
import { leftBehind, transferTables } from "./transfer-tables.ts";

let source: TestApp;
let file: string[];

const state = (id: number, name: string) => ({
  feature: { id, name, type: "STANDARD" },
  enabled: true,
  django_id: id + 100,
  featurestate_uuid: `00000000-0000-4000-8000-00000000000${id}`,
  feature_state_value: "value",
  feature_segment: null,
  multivariate_feature_state_values: [],
});

const document = oneEnvironment("transferKey", [state(1, "one"), state(2, "two")]);

async function exported(db: Db): Promise<string[]> {
  let text = "";
  await exportInstallation(db, {
    write: async (piece) => {
      text += piece;
    },
    onProgress: () => {},
  });
  return text.trimEnd().split("\n");
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function importInto(db: Db, lines: readonly string[]) {
  return importInstallation(db, { lines: each(lines), onProgress: () => {}, onVerify: () => {} });
}

/** Imports into a fresh database and hands it to `look`, error or not. */
async function withImported<T>(lines: readonly string[], look: (db: Db, error: unknown) => Promise<T>): Promise<T> {
  const target = await openTestDatabase();
  try {
    const error = await importInto(target.db, lines).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return await look(target.db, error);
  } finally {
    await target.close();
  }
}

/** One row, with a value for every column, in each table that has none: what any release adds is carried or the test fails. */
async function fillEmptyTables(db: Db): Promise<void> {
  const found = new Map((await db.kysely.introspection.getTables()).map((table) => [table.name, table.columns]));
  for (const { name } of transferTables) {
    const held = await sql`select 1 from ${sql.table(name)} limit 1`.execute(db.kysely);
    if (held.rows.length > 0) continue;
    const values = (found.get(name) ?? []).map((column) => [column.name, valueFor(column)]);
    await db.kysely.insertInto(name).values(Object.fromEntries(values)).execute();
  }
}

/** Rows refer to the first of their parents, which is there by then; of the document's states that is this one. */
const FIRST_STATE = 101;
function valueFor({ name, dataType }: { readonly name: string; readonly dataType: string }): string | number {
  if (name === "feature_state_id") return FIRST_STATE;
  return /text|json/i.test(dataType) ? `{"of":"${name}","odd":"\u2028 \\"}` : 1;
}

beforeAll(async () => {
  source = await createTestApp();
  await source.importDocument(document, "ser.transfer");
  const traits =
    '[{"trait_key":"plan","trait_value":"pro\\u2028x"},{"trait_key":"ratio","trait_value":2.0},{"trait_key":"n","trait_value":2}]';
  for (let i = 0; i < 1200; i += 1) {
    await source.request("/api/v1/identities/", {
      method: "POST",
      headers: { "X-Environment-Key": "transferKey", "Content-Type": "application/json" },
      body: `{"identifier":"user-${i}","traits":${traits}}`,
    });
  }
  await fillEmptyTables(source.db);
  // The newest row of a table is gone, and its id must not come back.
  const row = { organisation_id: 1, name: "gone", is_default: 0, external_id: null };
  await source.db.kysely
    .insertInto("groups")
    .values({ ...row, id: 77 })
    .execute();
  await source.db.kysely.deleteFrom("groups").where("id", "=", 77).execute();
  file = await exported(source.db);
}, 60_000);

afterAll(() => source.close());

test("every table of the schema is carried", async () => {
  const tables = (await source.db.kysely.introspection.getTables()).map((table) => table.name);
  const known = new Set<string>(transferTables.map((table) => table.name));
  const own = tables.filter((name) => !name.startsWith("kysely_") && !name.startsWith("sqlite_"));
  expect(own.filter((name) => !known.has(name) && !leftBehind.test(name))).toEqual([]);
});

test("what was exported, imported and exported again is the same, rows and sums", async () => {
  await withImported(file, async (db, error) => {
    expect(error).toBeUndefined();
    expect(await exported(db)).toEqual(file);
  });
});

const across = databaseName === "postgres" ? test : test.skip;
across("the same from PostgreSQL to SQLite and back (needs both)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "burgee-transfer-"));
  const sqlite = await openDatabase(`sqlite:${join(folder, "burgee.db")}`);
  try {
    await importInto(sqlite, file);
    const there = await exported(sqlite);
    expect(there).toEqual(file);
    await withImported(there, async (db, error) => {
      expect(error).toBeUndefined();
      expect(await exported(db)).toEqual(file);
    });
  } finally {
    await sqlite.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("ids go on behind the imported ones, and behind those whose rows are gone", async () => {
  await withImported(file, async (db) => {
    const highest = await sql<{ id: number }>`select max(id) as id from identities`.execute(db.kysely);
    const row = await db.kysely
      .insertInto("identities")
      .values({ environment_id: 1, identifier: "new", traits: "{}", has_overrides: 0, created_at: 0, last_seen_day: 0 })
      .returning("id")
      .executeTakeFirstOrThrow();
    expect(row.id).toBeGreaterThan(highest.rows[0]?.id ?? 0);
    const group = { organisation_id: 1, name: "new", is_default: 0, external_id: null };
    const next = await db.kysely.insertInto("groups").values(group).returning("id").executeTakeFirstOrThrow();
    expect(next.id).toBe(78);
  });
});

const broken: Readonly<Record<string, (lines: string[]) => string[]>> = {
  "a cut-off file": (lines) => lines.slice(0, -20),
  "a missing row": (lines) => lines.toSpliced(lines.indexOf('{"table":"identities"}') + 5, 1),
  "a changed row": (lines) => lines.map((line) => line.replace('user-7"', 'user-X"')),
  "something behind its end": (lines) => [...lines, '{"table":"later"}'],
  "one of another release": (lines) => lines.map((line) => line.replace('"schema":"00', '"schema":"99')),
  "another file": () => ["{", '  "id": 1', "}"],
  "no file at all": () => [],
};

for (const [what, damage] of Object.entries(broken)) {
  test(`${what} is refused and nothing is stored`, async () => {
    await withImported(damage([...file]), async (db, error) => {
      expect(error).toBeInstanceOf(TransferError);
      expect(await db.kysely.selectFrom("organisations").select("id").execute()).toEqual([]);
    });
  });
}

test("a database on which a server has only printed its link for the first account is as good as new", async () => {
  const target = await openTestDatabase();
  const token = await createSetupToken(target.db.kysely, Date.now());
  await importInto(target.db, file);
  expect(await setupTokenExpiry(target.db.kysely, token, Date.now())).toBeUndefined();
  expect(await exported(target.db)).toEqual(file);
  await target.close();
});

test("a database that holds something already is refused", async () => {
  await expect(importInto(source.db, file)).rejects.toThrow("the database is not empty");
});
