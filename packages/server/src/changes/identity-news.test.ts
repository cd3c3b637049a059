import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import type { Db } from "../db/database.ts";
import { openDatabase } from "../db/open-database.ts";
import { databaseName, openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { createIdentityNews, type IdentityNews, identityTopic, isTopic } from "./identity-news.ts";

const fail = (error: unknown) => {
  throw error;
};

test("an identity's topic is short, opaque, and its own", () => {
  expect(isTopic(identityTopic(1, "ana"))).toBe(true);
  expect(identityTopic(1, "ana")).toBe(identityTopic(1, "ana"));
  const others = [identityTopic(2, "ana"), identityTopic(1, "Ana"), identityTopic(11, "ana"), identityTopic(1, "")];
  expect(new Set([identityTopic(1, "ana"), ...others]).size).toBe(5);
  expect(isTopic("ana")).toBe(false);
});

test("in one process, who watches hears of its identity and of no other, until it stops", async () => {
  const store = await openTestDatabase();
  const news = createIdentityNews({ db: { kysely: store.db.kysely }, onError: fail });
  let heard = 0;
  const hear = (by: number) => () => {
    heard += by;
  };
  const watch = news.watch(identityTopic(1, "ana"), hear(1));
  const second = news.watch(identityTopic(1, "ana"), hear(10));
  await watch.ready;
  news.changed(1, "ana");
  news.changed(1, "bob");
  news.changed(2, "ana");
  expect(heard).toBe(11);
  second.stop();
  news.changed(1, "ana");
  expect(heard).toBe(12);
  expect(news.counts()).toEqual({ own: 1, elsewhere: 0 });
  watch.stop();
  watch.stop();
  news.changed(1, "ana");
  expect(heard).toBe(12);
  expect(news.counts()).toEqual({ own: 0, elsewhere: 0 });
  await news.close();
  await store.close();
});

const several = (name: string, work: () => Promise<void>): void => {
  if (databaseName === "postgres") test(name, work);
  else test.skip(`${name} (one process owns a SQLite file: there is nobody to tell)`, work);
};

let store: TestDatabase;
let otherDb: Db;
let here: IdentityNews;
let there: IdentityNews;
const sent: string[] = [];

/** Counts what a node says. */
const counted = (db: Db): Db => {
  const feed = db.changeFeed;
  if (!feed) return db;
  const notify = (trx: Parameters<typeof feed.notify>[0], payload: string) => {
    sent.push(payload);
    return feed.notify(trx, payload);
  };
  return { ...db, changeFeed: { ...feed, notify } };
};

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !isTrue(); tries++) await Bun.sleep(10);
  expect(isTrue()).toBe(true);
}

beforeAll(async () => {
  if (databaseName !== "postgres") return;
  store = await openTestDatabase();
  otherDb = await openDatabase(store.url);
  here = createIdentityNews({ db: counted(store.db), onError: () => {} });
  there = createIdentityNews({ db: otherDb, onError: () => {} });
  await Bun.sleep(200);
});
afterAll(async () => {
  if (databaseName !== "postgres") return;
  await here.close();
  await there.close();
  await otherDb.close();
  await store.close();
});

several("another node's watcher hears of a write made here, as soon as it is ready", async () => {
  let heard = 0;
  const watch = there.watch(identityTopic(7, "far"), () => {
    heard += 1;
  });
  await watch.ready;
  expect(here.counts().elsewhere).toBe(1);
  here.changed(7, "far");
  await until(() => heard === 1);
  watch.stop();
});

several("what nobody watches is told to nobody", async () => {
  await Bun.sleep(50);
  sent.length = 0;
  for (let n = 0; n < 1000; n += 1) here.changed(7, `nobody-${n}`);
  await Bun.sleep(50);
  expect(sent).toEqual([]);
});

several("many that change together are few messages, and all arrive", async () => {
  const heard = new Set<number>();
  const watches = Array.from({ length: 1000 }, (_, n) =>
    there.watch(identityTopic(7, `many-${n}`), () => heard.add(n)),
  );
  await Promise.all(watches.map((watch) => watch.ready));
  sent.length = 0;
  for (let n = 0; n < 1000; n += 1) here.changed(7, `many-${n}`);
  await until(() => heard.size === 1000);
  expect(sent.length).toBeLessThan(6);
  for (const payload of sent) expect(payload.length).toBeLessThan(8000);
  for (const watch of watches) watch.stop();
});

several("a node that comes later learns who watches what", async () => {
  const watch = there.watch(identityTopic(7, "patient"), () => {});
  await watch.ready;
  const lateDb = await openDatabase(store.url);
  const late = createIdentityNews({ db: lateDb, onError: () => {} });
  await until(() => late.counts().elsewhere > 0);
  await late.close();
  await lateDb.close();
  watch.stop();
});

several("after a lost connection everybody is told to look again", async () => {
  const all: (number | null)[] = [];
  let hasReturned = false;
  there.onAll((environmentId) => all.push(environmentId));
  here.onAll((environmentId) => {
    hasReturned ||= environmentId === null;
  });
  here.changedAll(42);
  await until(() => all.includes(42));
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where query ~* '^listen' and pid <> pg_backend_pid()`.execute(
    store.db.kysely,
  );
  await until(() => hasReturned && all.includes(null));
});

several(
  "a node that dies without a word may have owed something: listeners look again; one that takes its leave owes nothing",
  async () => {
    const beatMs = 40;
    // Apart from the nodes above, which beat more slowly.
    const apart = await openTestDatabase();
    const doomedDb = await openDatabase(apart.url);
    const survivor = createIdentityNews({ db: apart.db, onError: () => {}, beatMs });
    let looks = 0;
    survivor.onAll((environmentId) => {
      if (environmentId === null) looks += 1;
    });
    const watch = survivor.watch(identityTopic(7, "owed"), () => {});
    await watch.ready;
    const polite = createIdentityNews({ db: doomedDb, onError: () => {}, beatMs });
    await until(() => polite.counts().elsewhere > 0);
    await Bun.sleep(3 * beatMs);
    await polite.close();
    await Bun.sleep(15 * beatMs);
    expect(looks).toBe(0);
    const killed = createIdentityNews({ db: doomedDb, onError: () => {}, beatMs });
    await until(() => killed.counts().elsewhere > 0);
    await Bun.sleep(3 * beatMs);
    await doomedDb.close();
    await until(() => looks > 0);
    await killed.close();
    watch.stop();
    await survivor.close();
    await apart.close();
  },
);

several("what could not be told is made good: listeners are told to look again", async () => {
  const feed = store.db.changeFeed;
  if (!feed) throw new Error("there is no feed");
  let fails = false;
  const notify: typeof feed.notify = (trx, payload) =>
    fails ? Promise.reject(new Error("cut")) : feed.notify(trx, payload);
  const failing = { ...store.db, changeFeed: { ...feed, notify } };
  const teller = createIdentityNews({ db: failing, onError: () => {}, beatMs: 40 });
  let looks = 0;
  there.onAll((environmentId) => {
    if (environmentId === null) looks += 1;
  });
  const watch = there.watch(identityTopic(7, "unheard"), () => {});
  await watch.ready;
  await until(() => teller.counts().elsewhere > 0);
  const before = looks;
  fails = true;
  teller.changed(7, "unheard");
  await Bun.sleep(100);
  fails = false;
  await until(() => looks > before);
  watch.stop();
  await teller.close();
});

several("messages that are not ours are passed over", async () => {
  for (const payload of ["", "{}", "null", '{"from":"x","changed":7,"watched":[1,"a"],"changedAll":["b"]}']) {
    await sql`select pg_notify('burgee_changes', ${payload})`.execute(store.db.kysely);
  }
  await Bun.sleep(50);
  let heard = 0;
  const watch = there.watch(identityTopic(7, "after"), () => {
    heard += 1;
  });
  await watch.ready;
  here.changed(7, "after");
  await until(() => heard === 1);
  watch.stop();
});
