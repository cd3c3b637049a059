/** SQLite as a Db: one writer thread, a few others started when first needed, and point reads on this thread. */
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Kysely } from "kysely";
import { AppError } from "../../errors.ts";
import type { Db } from "../database.ts";
import { migrate } from "../migrate.ts";
import type { OpenOptions } from "../open-options.ts";
import type { Tables } from "../tables.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { sqliteColumns } from "./columns.ts";
import { openReaderConnection } from "./connection.ts";
import { createSqliteDialect, type SqlitePorts } from "./dialect.ts";
import { createFileSync } from "./file-sync.ts";
import { createHeldReads, type HeldReads } from "./held-reads.ts";
import { sqliteIdCounts } from "./id-counts.ts";
import { createSqliteIdentityIndex } from "./identity-index.ts";
import { createSqliteMarks } from "./identity-marks.ts";
import { createSqliteLane } from "./lane.ts";
import type { QueryAnswer, WorkerInit } from "./protocol.ts";
import { createReaderPool } from "./reader-pool.ts";
import { readSnapshot } from "./snapshot.ts";
import { sqliteTraits } from "./traits.ts";
import { createWorkerLink, type WorkerLink } from "./worker-link.ts";

/** A scan of everything is allowed to take this long; nothing can stop it earlier but the end of its thread. */
const readLimitMs = 60_000;

export async function openSqliteDatabase(file: string, options: Required<OpenOptions>): Promise<Db> {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  const { spawnWorker, log, transactionLimitMs, waitLimitMs } = options;
  const init = (role: WorkerInit["role"]): WorkerInit => ({ role, path, transactionLimitMs });
  let held: HeldReads | undefined;
  let writes = 0;
  const link = createWorkerLink({
    spawn: spawnWorker,
    init: init("writer"),
    log,
    endWhenLate: false,
    onAnswers: () => held?.release(),
  });
  const ask: WorkerLink["request"] = (request, limitMs) => {
    held?.release();
    return link.request(request, limitMs);
  };
  const writer: WorkerLink = {
    ...link,
    request: (request, limitMs) => {
      writes += request.kind === "writes" ? request.calls.length : 1;
      return ask(request, limitMs);
    },
  };
  const createBehind = (role: "reader" | "checkpointer") =>
    createWorkerLink({ spawn: spawnWorker, init: init(role), log, endWhenLate: true });
  const createReader = () => createBehind("reader");
  const readers = createReaderPool(createReader);
  const ports = createPorts(writer, readers, options);
  try {
    // Reads through the writer too, so that no reader thread starts before it is needed.
    await migrate(new Kysely({ dialect: createSqliteDialect({ ...ports, read: ports.write }) }), sqliteColumns);
    const reader = openReaderConnection(path);
    const reads = createHeldReads({ reader, isWriting: () => writer.load() > 0 });
    held = reads;
    const lane = createSqliteLane({ reader, held: reads, writer, waitLimitMs });
    const file = createFileSync(path);
    const checkpoints = createCheckpoints({
      link: createBehind("checkpointer"),
      writer: { request: ask },
      file,
      writes: () => writes,
    });
    const kysely = new Kysely<Tables>({ dialect: createSqliteDialect(ports) });
    return {
      capabilities: { localReads: true, multiNode: false, ...sqliteTraits },
      kysely,
      identityIndex: createSqliteIdentityIndex({
        read: lane.get,
        together: (statements) => ask({ kind: "together", statements }, transactionLimitMs + waitLimitMs),
        writes: () => writes,
      }),
      location: { kind: "sqlite", path },
      identityMarks: createSqliteMarks(kysely),
      idCounts: sqliteIdCounts,
      // Its plans are those that it makes without knowing.
      learnContents: async () => {},
      snapshot: (run) => readSnapshot(createReader(), readLimitMs, run),
      lane,
      ping: async () => {
        reader.get("select 1", []);
        await writer.request({ kind: "ping" }, waitLimitMs);
      },
      close: async () => {
        await readers.close();
        reads.release();
        reader.close();
        await checkpoints.close();
        const written = lane.flush();
        await writer.close();
        await written;
        await file.close();
      },
    };
  } catch (error) {
    await writer.close().catch(() => {});
    throw error;
  }
}

function createPorts(
  writer: WorkerLink,
  readers: ReturnType<typeof createReaderPool>,
  { transactionLimitMs, waitLimitMs }: Required<OpenOptions>,
): SqlitePorts {
  // Behind another transaction that uses up its time.
  const limitMs = transactionLimitMs + waitLimitMs;
  let transactions = 0;
  return {
    read: (sql, parameters) => readers.request<QueryAnswer>({ kind: "query", sql, parameters }, readLimitMs),
    write: (sql, parameters, transaction) =>
      writer.request<QueryAnswer>(
        transaction === undefined
          ? { kind: "query", sql, parameters }
          : { kind: "query", sql, parameters, transaction },
        limitMs,
      ),
    begin: async () => {
      const transaction = ++transactions;
      await writer.request({ kind: "begin", transaction }, limitMs);
      return transaction;
    },
    end: async (transaction, commit) => {
      const ended = writer.request({ kind: "end", transaction, commit }, limitMs);
      if (commit) await ended;
      // A transaction that is gone is as good as rolled back.
      else
        await ended.catch((error: unknown) => {
          if (!(error instanceof AppError)) throw error;
        });
    },
  };
}
