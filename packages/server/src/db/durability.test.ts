import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { createEmptyDatabase, type EmptyDatabase } from "../testing/test-database.ts";
import { findIdentity } from "../testing/test-environment.ts";
import { openDatabase } from "./open-database.ts";

const script = (name: string) => join(import.meta.dir, "..", "testing", name);

let place: EmptyDatabase;

beforeEach(async () => {
  place = await createEmptyDatabase();
});
afterEach(() => place.remove());

test("no acknowledged write is lost when the process is killed in the middle of writing", async () => {
  const child = Bun.spawn([process.execPath, script("write-until-killed.ts"), place.url], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const reading = (async () => {
    for await (const chunk of child.stdout) printed += new TextDecoder().decode(chunk);
  })();
  while (printed.split("\n").length < 2_000 && child.exitCode === null) await Bun.sleep(10);
  child.kill("SIGKILL");
  await child.exited;
  await reading;

  const lines = printed.split("\n").slice(0, -1);
  const environmentId = Number(lines[0]?.split(" ")[1]);
  const acknowledged = new Map<string, number>();
  for (const [caller = "", n] of lines.slice(1).map((line) => line.split(" "))) acknowledged.set(caller, Number(n));
  expect(acknowledged.size).toBe(32);

  const db = await openDatabase(place.url);
  for (const [caller, n] of acknowledged) {
    const row = await db.lane.get<{ traits: string }>(findIdentity, [environmentId, `writer-${caller}`]);
    expect(JSON.parse(row?.traits ?? "{}").n).toBeGreaterThanOrEqual(n);
  }
  await db.close();
  await place.check();
}, 30_000);

test("processes that open an empty database at the same time all come up on one schema", async () => {
  const children = Array.from({ length: 4 }, () =>
    Bun.spawn([process.execPath, script("open-and-close.ts"), place.url], { stdout: "pipe", stderr: "pipe" }),
  );
  const outputs = await Promise.all(
    children.map(
      async (child) => (await new Response(child.stderr).text()) + (await new Response(child.stdout).text()),
    ),
  );
  expect(outputs[0]).toStartWith("opened 0001-initial");
  expect(new Set(outputs).size).toBe(1);
  expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0, 0, 0]);
}, 30_000);

test("opening a second time finds the schema in place and the rows there", async () => {
  const first = await openDatabase(place.url);
  await first.close();
  const second = await openDatabase(place.url);
  expect(await second.kysely.selectFrom("environments").selectAll().execute()).toEqual([]);
  await second.ping();
  await second.close();
});
