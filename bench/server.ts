/**
 * The product's parts put together as `burgee serve` does, with switches that the product has no use for:
 *   bun bench/server.ts DATABASE-URL [--commit-per-request | --query-per-request]
 * On its input, "scan" starts a scan of all identities, over and over, and "rest" ends it after the one that runs; "settle" has it
 * print "settled" when nothing is left to do behind what was written.
 */
import { CompiledQuery, sql } from "kysely";
import { pino } from "pino";
import { createApp } from "../packages/server/src/app.ts";
import type { Db, HotLane } from "../packages/server/src/db/database.ts";
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { numberPlaceholders } from "../packages/server/src/db/postgres/placeholders.ts";
import { serve } from "../packages/server/src/runtime/serve.ts";

const BODY_LIMIT = 1024 * 1024;
const IMPORT_LIMIT = 2 * 1024 ** 3;

/** Each write its own statement and transaction: what the server would do without its hot lane. */
function commitEach(db: Db): HotLane {
  return {
    ...db.lane,
    write: async <Row>(text: string, parameters: Parameters<HotLane["write"]>[1]) =>
      (await db.kysely.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows,
  };
}

/** On PostgreSQL: each read too is a query of its own, on a connection of the pool. */
function queryEach(db: Db): HotLane {
  const query = async <Row>(text: string, parameters: Parameters<HotLane["write"]>[1]) =>
    (await db.kysely.executeQuery<Row>(CompiledQuery.raw(numberPlaceholders(text), [...parameters]))).rows;
  return { get: async (text, parameters) => (await query<never>(text, parameters))[0], all: query, write: query };
}

/** Reads every identity's traits, as searches and segment counts without a helping index have to. */
async function scan(db: Db): Promise<void> {
  await db.kysely
    .selectFrom("identities")
    .select((expression) => expression.fn.countAll<number>().as("count"))
    .where(sql<boolean>`traits LIKE '%"age":4_,%'`)
    .executeTakeFirstOrThrow();
}

const [url = "", ...flags] = process.argv.slice(2);
const opened = await openDatabase(url);
const lane = flags.includes("--commit-per-request")
  ? commitEach(opened)
  : flags.includes("--query-per-request")
    ? queryEach(opened)
    : opened.lane;
const db: Db = { ...opened, lane };
const app = createApp({
  db,
  logger: pino({ level: "warn" }),
  bodyLimit: BODY_LIMIT,
  streamSeconds: 30,
  accounts: {
    publicUrl: () => "http://localhost",
    secret: "a secret that only benchmarks have, long enough",
    openSignUp: false,
    trustedProxies: 0,
  },
});
const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  maxRequestBodySize: IMPORT_LIMIT,
  routes: app.routes,
  fetch: app.fetch,
});
process.stdout.write(`port ${server.port}\n`);

/** Says so once the index of identities has all that was written: one of two servers rests while the other is measured. */
async function settle(): Promise<void> {
  const oldest = db.kysely.selectFrom("identity_changes").select("seq").orderBy("seq").limit(1);
  while (await oldest.executeTakeFirst()) await Bun.sleep(50);
  process.stdout.write("settled\n");
}

let isScanning = false;
async function scanOn(): Promise<void> {
  while (isScanning) {
    const started = performance.now();
    await scan(db);
    process.stdout.write(`scan ${Math.round(performance.now() - started)}\n`);
  }
}

for await (const line of console) {
  if (line === "scan" && !isScanning) {
    isScanning = true;
    void scanOn();
  } else if (line === "rest") isScanning = false;
  else if (line === "settle") void settle();
}
isScanning = false;
await server.stop(1000);
await app.close();
await db.close();
process.exit(0);
