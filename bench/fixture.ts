/**
 * Databases full of identities. One is made once for what it holds and the day, kept in the system's temporary folder, and copied
 * for each run. `npm run bench -- --clean` removes them all.
 */
import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { runBurgee } from "../packages/server/src/testing/index.ts";
import { type DocumentSize, documentText, environmentId } from "./documents.ts";
import { type GeneratedIdentity, generateIdentities } from "./identity-generator.ts";

export interface FixtureRequest {
  readonly document: DocumentSize;
  readonly identities: number;
  readonly seed?: number;
}

export interface Fixture {
  /** Holds burgee.db; the caller's own copy. */
  readonly folder: string;
  /** Of the database as it was made. */
  readonly bytes: number;
  remove(): void;
}

export const SEED = 1;
const DAY_MS = 86_400_000;
const CACHE = join(tmpdir(), `burgee-bench-${process.getuid?.() ?? 0}`);
/** So that a reader of the file's hash need not be told of changes to how rows are filled. */
const FILLING = 4;

export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "burgee-bench-run-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Seen today: an identity that was not would be written to when it is read. */
const today = (): number => Math.floor(Date.now() / DAY_MS);

/** Straight into the file, without the journal and syncs that only matter to data that cannot be made again. */
export function insertIdentities(
  file: string,
  environment: number,
  identities: Iterable<GeneratedIdentity>,
  progress: (done: number) => void,
): void {
  const database = new Database(file);
  try {
    database.run("PRAGMA journal_mode = OFF");
    database.run("PRAGMA synchronous = OFF");
    database.run("PRAGMA cache_size = -200000");
    const insert = database.prepare(
      `INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
       VALUES (?, ?, ?, 0, ?, ?)
       ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = excluded.traits, last_seen_day = excluded.last_seen_day`,
    );
    const now = Date.now();
    const day = today();
    let done = 0;
    database.run("BEGIN");
    for (const { identifier, traits } of identities) {
      insert.run(environment, identifier, JSON.stringify(traits), now, day);
      done += 1;
      if (done % 100_000 === 0) progress(done);
    }
    database.run("COMMIT");
    insert.finalize();
    database.run("PRAGMA journal_mode = WAL");
    // Where the log could not be switched off, rows are still in it, and the file alone is copied.
    const [log] = database.query<{ busy: number }, []>("PRAGMA wal_checkpoint(TRUNCATE)").all();
    if (log?.busy !== 0) throw new Error("the fixture's log could not be written back");
  } finally {
    database.close();
  }
}

/** A migrated database with the document and nobody in it. */
async function importInto(folder: string, document: DocumentSize): Promise<string> {
  const source = join(folder, "document.json");
  writeFileSync(source, documentText(document));
  const result = await runBurgee(folder, ["import", "environment-document", source]);
  if (result.code !== 0) throw new Error(`the document could not be imported: ${result.stderr}${result.stdout}`);
  rmSync(source);
  return join(folder, "burgee.db");
}

/** As a server would have done after a while: while it does, nothing else should be measured. */
async function indexIdentities(file: string): Promise<void> {
  const db = await openDatabase(`sqlite:${file}`);
  try {
    while (await db.identityIndex.follow(50_000, Date.now()));
  } finally {
    await db.close();
  }
}

/** Whole, whatever is still in the log or open in this process. */
function copyDatabase(file: string, to: string): void {
  const database = new Database(file);
  try {
    database.run("VACUUM INTO ?", [to]);
  } finally {
    database.close();
  }
}

function schemaOf(file: string): string {
  const database = new Database(file);
  try {
    const rows = database.query("SELECT sql FROM sqlite_master ORDER BY name").all();
    // Nothing may be left in the write-ahead log: the file alone is copied.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    return JSON.stringify(rows);
  } finally {
    database.close();
  }
}

function removeOutdated(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path, { force: true });
  }
}

/**
 * Bun closes a database once its last statement is collected: until then the index of its log lies beside the file, and tells the next
 * who opens it how long the file was before it was copied over.
 */
function forgetLog(file: string): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
}

/** Of what is kept for others, which nobody looks at again. */
function checkFile(file: string): void {
  const database = new Database(file, { readonly: true });
  try {
    const [found] = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").all();
    if (found?.quick_check !== "ok") throw new Error(`the fixture is damaged: ${found?.quick_check}`);
    // What is left to do, a server does beside everything that is measured.
    const [left] = database.query<{ count: number }, []>("SELECT count(*) AS count FROM identity_changes").all();
    if (left?.count !== 0) throw new Error(`${left?.count} identities of the fixture are not in the index`);
  } finally {
    database.close();
  }
}

/** On the disk before anything is measured: writing it there later would hold up the syncs of the server. */
function settle(file: string): void {
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** A copy of the database that was asked for, made first where there is none. */
export async function openFixture(request: FixtureRequest, progress: (text: string) => void): Promise<Fixture> {
  const { document, identities, seed = SEED } = request;
  const { folder, remove } = temporaryFolder();
  try {
    const file = await importInto(folder, document);
    const parts = [FILLING, schemaOf(file), documentText(document), identities, seed, today()];
    const name = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
    const kept = join(CACHE, `${document}-${identities}-${name}.db`);
    if (identities > 0 && !existsSync(kept)) {
      mkdirSync(CACHE, { recursive: true });
      removeOutdated();
      const started = performance.now();
      insertIdentities(file, environmentId(document), generateIdentities(seed, identities), (done) => {
        if (identities > 100_000) progress(`${done.toLocaleString("en-US")} identities`);
      });
      await indexIdentities(file);
      progress(
        `${identities.toLocaleString("en-US")} identities made in ${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      // Whole or not at all: another run may be looking.
      copyDatabase(file, `${kept}.${process.pid}`);
      checkFile(`${kept}.${process.pid}`);
      forgetLog(`${kept}.${process.pid}`);
      renameSync(`${kept}.${process.pid}`, kept);
    }
    if (identities > 0) {
      forgetLog(file);
      copyFileSync(kept, file, constants.COPYFILE_FICLONE);
    }
    settle(file);
    return { folder, bytes: statSync(file).size, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

export function removeFixtures(): void {
  rmSync(CACHE, { recursive: true, force: true });
}
