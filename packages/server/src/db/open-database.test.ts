import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmptyDatabase } from "../testing/test-database.ts";
import { openDatabase } from "./open-database.ts";

const refusal = (url: string): Promise<string> =>
  openDatabase(url).then(
    () => "opened",
    (error: unknown) => (error instanceof Error ? error.message : "not an Error"),
  );

test.each(["", "mysql://localhost/x", "data/burgee.db", "sqlite", ":memory:"])(
  "%p is refused in one line",
  async (url) => {
    expect(await refusal(url)).toMatch(/^The database URL must start with [^\n]+$/);
  },
);

test.each(["sqlite:", "sqlite::memory:"])("%p is refused since nothing would be kept", async (url) => {
  expect(await refusal(url)).toMatch(/^The database URL must name a file[^\n]+$/);
});

test("missing folders are made, and a path may be relative, absolute or written as a URL", async () => {
  const folder = await mkdtemp(join(tmpdir(), "burgee-test-"));
  for (const name of ["a/b/one.db", "two.db"]) {
    const db = await openDatabase(`sqlite:${join(folder, name)}`);
    await db.close();
    expect((await stat(join(folder, name))).size).toBeGreaterThan(0);
  }
  const db = await openDatabase(`sqlite://${join(folder, "three.db")}`);
  await db.close();
  expect((await stat(join(folder, "three.db"))).size).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
});

test("a file that is no database, and a folder that cannot be made, are said in one line", async () => {
  const folder = await mkdtemp(join(tmpdir(), "burgee-test-"));
  const file = join(folder, "text.db");
  await Bun.write(file, "this is a text and not a database, however long one looks at it. ".repeat(50));
  expect(await refusal(`sqlite:${file}`)).toMatch(/^Cannot open the database [^\n]+not a database$/);
  expect(await refusal(`sqlite:${join(file, "inside.db")}`)).toMatch(/^Cannot open the database [^\n]+$/);
  await rm(folder, { recursive: true });
});

test("after closing there is one file, which can be copied as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "burgee-test-"));
  const db = await openDatabase(`sqlite:${join(folder, "one.db")}`);
  expect(await db.kysely.selectFrom("organisations").selectAll().execute()).toEqual([]);
  expect(await db.lane.all("select id from identities where environment_id = ?", [1])).toEqual([]);
  await db.close();
  expect(await readdir(folder)).toEqual(["one.db"]);
  await rm(folder, { recursive: true });
});

test("those who open an empty database together all find it migrated, once", async () => {
  const empty = await createEmptyDatabase();
  const opened = await Promise.allSettled(Array.from({ length: 6 }, () => openDatabase(empty.url)));
  expect(opened.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "fulfilled"));
  for (const one of opened) if (one.status === "fulfilled") await one.value.close();
  await empty.remove();
}, 30_000);
