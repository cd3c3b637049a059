import { expect, test } from "bun:test";
import { openTestDatabase } from "../testing/test-database.ts";
import { forgetExpired } from "./forget-expired.ts";

test("what has expired goes, what has not stays", async () => {
  const { db, close } = await openTestDatabase();
  const row = (identifier: string, expires_at: number) => ({
    identifier,
    value: "x",
    expires_at,
    created_at: 0,
    updated_at: 0,
  });
  await db.kysely
    .insertInto("verifications")
    .values([row("old", 999), row("new", 1_001)])
    .execute();
  await forgetExpired(db.kysely, 1_000);
  const left = await db.kysely.selectFrom("verifications").select("identifier").execute();
  expect(left).toEqual([{ identifier: "new" }]);
  await close();
});
