/** `burgee import identities`: the same job as over the API, run by this process, with its progress on the screen. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { createChanges } from "../changes/commit.ts";
import type { Db } from "../db/database.ts";
import { createDocuments } from "../documents/documents.ts";
import type { JobProblem } from "../jobs/job.ts";
import { createJobs } from "../jobs/jobs.ts";
import { addIdentityJobs, createBatchThread } from "../resources/identity-jobs/identity-jobs.ts";
import { RowFault } from "../resources/identity-jobs/read-fields.ts";
import { SpoolFault } from "../resources/identity-jobs/spool.ts";
import { countImport, type ImportAsked, spoolImport } from "../resources/identity-jobs/take-import.ts";
import { createSearch } from "../search/search.ts";
import { createProgress } from "./progress.ts";

export interface ImportIdentities {
  readonly file: string;
  /** Client-side key. */
  readonly environment: string;
  readonly dryRun: boolean;
}

const SHOWN_PROBLEMS = 20;
const LOOK_MS = 200;

/** Its message is for people. */
class Refusal extends Error {}

async function placeOf({ kysely }: Db, key: string) {
  const row = await kysely
    .selectFrom("environments as e")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .where("e.api_key", "=", key)
    .select(["e.id", "e.name", "p.id as project_id", "p.organisation_id"])
    .executeTakeFirst();
  if (!row) throw new Refusal(`There is no environment with the client-side key "${key}".`);
  const { id, name, project_id, organisation_id } = row;
  return { organisationId: organisation_id, projectId: project_id, environmentId: id, environmentName: name };
}

function printProblems(problems: readonly JobProblem[], failed: number): void {
  for (const { line, identifier, message } of problems.slice(0, SHOWN_PROBLEMS)) {
    const where = [line === undefined ? "" : `line ${line}`, identifier ?? ""].filter(Boolean).join(", ");
    process.stderr.write(`  ${where ? `${where}: ` : ""}${message}\n`);
  }
  const more = failed - Math.min(problems.length, SHOWN_PROBLEMS);
  if (more > 0) process.stderr.write(`  and ${more} more\n`);
}

function createParts(db: Db) {
  const onError = (error: unknown) => void process.stderr.write(`${error}\n`);
  const now = Date.now;
  const documents = createDocuments({ db, now, onError, pollMs: 0 });
  const changes = createChanges({ db, clock: now, publish: documents.changed });
  const jobs = createJobs({ db, now, onError, slots: 1, pollMs: LOOK_MS, only: ["import_identities"] });
  const thread = createBatchThread();
  const search = createSearch({ db, now });
  addIdentityJobs(jobs, { db, changes, documents, search, now }, thread);
  const close = async () => {
    await jobs.close();
    await search.close();
    thread.close();
    documents.close();
  };
  return { db, jobs, thread, now, importLimit: Number.POSITIVE_INFINITY, close };
}

type Parts = ReturnType<typeof createParts>;

async function tryOut(parts: Parts, asked: ImportAsked): Promise<number> {
  const { matched, would_create, would_change, unchanged, problems } = await countImport(parts, asked);
  process.stdout.write(
    `${matched} identities: ${would_create} would be created, ${would_change} changed, ${unchanged} stay as they are.\n`,
  );
  printProblems(problems, problems.length);
  return problems.length > 0 ? 1 : 0;
}

async function run(parts: Parts, asked: ImportAsked): Promise<number> {
  const { jobs, db } = parts;
  const progress = createProgress("Importing", process.stderr);
  const asker = { actor: "cli", name: "burgee import", requestId: null };
  const job = await spoolImport(parts, asked, asker);
  jobs.start();
  const read = () => db.kysely.selectFrom("jobs").selectAll().where("id", "=", job.id).executeTakeFirstOrThrow();
  for (;;) {
    const isOver = await jobs.settled(job, LOOK_MS);
    const { status, summary, done, total, failed, problems } = await read();
    progress.update(done, isOver ? done : Math.max(done + 1, total ?? 0));
    if (!isOver) continue;
    progress.end();
    process.stdout.write(`${summary}\n`);
    printProblems(JSON.parse(problems) as JobProblem[], failed);
    return status === "done" && failed === 0 ? 0 : 1;
  }
}

/** Returns the exit code. */
export async function runImportIdentities(db: Db, { file, environment, dryRun }: ImportIdentities): Promise<number> {
  const parts = createParts(db);
  try {
    const info = await stat(file).catch((error: Error) => Promise.reject(new Refusal(error.message)));
    if (!info.isFile()) throw new Refusal(`${file} is not a file.`);
    const place = await placeOf(db, environment);
    const format = extname(file).toLowerCase() === ".csv" ? "csv" : "ndjson";
    const asked: ImportAsked = { place, format, mayOverride: true, body: createReadStream(file) };
    return await (dryRun ? tryOut(parts, asked) : run(parts, asked));
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof SpoolFault || error instanceof RowFault)) throw error;
    process.stderr.write(`${file} was not imported: ${error.message}\n`);
    return 1;
  } finally {
    await parts.close();
  }
}
