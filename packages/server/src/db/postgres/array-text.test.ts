import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Client } from "pg";
import { createEmptyDatabase, databaseName, type EmptyDatabase } from "../../testing/test-database.ts";
import { arrayText } from "./array-text.ts";

test("what JSON and arrays write in the same way is written at once, all else is left to the driver", () => {
  expect(arrayText(["a", null, "NULL", '{"k":"v"}', "back\\", "é🏁"])).toBe(
    '{"a",null,"NULL","{\\"k\\":\\"v\\"}","back\\\\","é🏁"}',
  );
  expect(arrayText([1, -2, 1.5, null])).toBe("{1,-2,1.5,null}");
  for (const own of ["line\n", "\u0000", "\ud800", "\u0007"]) expect(arrayText([own])).toEqual([own]);
  for (const number of [1n, Number.NaN, Number.POSITIVE_INFINITY]) expect(arrayText([number])).toEqual([number]);
});

const suite =
  databaseName === "postgres"
    ? describe
    : (name: string, define: () => void) => describe.skip(`${name} (runs with TEST_DB=postgres)`, define);
suite("PostgreSQL", () => {
  let database: EmptyDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    client = new Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.remove();
  });

  test("reads back every text, and which is none", async () => {
    const texts = fc.array(
      fc.option(fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\0"))),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (list) => {
        const { rows } = await client.query<{ list: unknown }>("select $1::text[] as list", [arrayText(list)]);
        expect(rows[0]?.list).toEqual(list);
      }),
    );
  });
});
