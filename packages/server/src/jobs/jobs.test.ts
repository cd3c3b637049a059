import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { AppError } from "../errors.ts";
import { openTestDatabase, type TestDatabase } from "../testing/test-database.ts";
import { cleanUp } from "./clean-up.ts";
import { JobFailure, type JobHandler, JobStopped } from "./job.ts";
import { findJob, type JobRow, saveProgress, takeJob } from "./job-rows.ts";
import { createJobs, type Jobs, type JobsDeps, type NewJob } from "./jobs.ts";

let store: TestDatabase;
const open: Jobs[] = [];
const errors: unknown[] = [];
let types = 0;

beforeAll(async () => {
  store = await openTestDatabase();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((jobs) => jobs.close()));
  await store.db.kysely.deleteFrom("jobs").execute();
  errors.length = 0;
});
afterAll(() => store.close());

function node(type: string, handler: JobHandler, more: Partial<JobsDeps> = {}): Jobs {
  const onError = (error: unknown) => void errors.push(error);
  const jobs = createJobs({ db: store.db, now: Date.now, onError, pollMs: 20, leaseMs: 400, ...more });
  open.push(jobs);
  jobs.handle(type, handler);
  jobs.start();
  return jobs;
}

const fresh = (): string => `type ${++types}`;
const asker = { actor: "user:1", name: "a@example.com", requestId: null };
const asked = (type: string, more: Partial<NewJob> = {}): NewJob => ({
  type,
  organisationId: 1,
  environmentId: 2,
  payload: { to: 5 },
  asker,
  ...more,
});

async function added(jobs: Jobs, job: NewJob): Promise<JobRow> {
  const row = await jobs.add(job);
  if (!row) throw new Error("it was there already");
  return row;
}

const read = async ({ uuid }: JobRow): Promise<JobRow> => (await findJob(store.db.kysely, uuid)) as JobRow;

/** Counts to five, one a batch, and notes what it did. */
function counter(seen: number[], after: (n: number) => Promise<void> | void = () => {}): JobHandler {
  return {
    run: async (task) => {
      for (let n = (task.cursor as number | undefined) ?? 0; n < 5; n++) {
        seen.push(n);
        await task.save({ cursor: n + 1, done: 1, changed: n % 2, total: 5 });
        await after(n);
        await task.pause();
      }
      return { summary: "Counted.", result: { counted: task.counts().done } };
    },
  };
}

test("a job is done batch by batch, and says what came of it", async () => {
  const type = fresh();
  const seen: number[] = [];
  const jobs = node(type, counter(seen));
  const job = await added(jobs, asked(type));
  expect(job).toMatchObject({ status: "queued", done: 0, created_by: "a@example.com" });
  expect(await jobs.settled(job, 5_000)).toBe(true);
  expect(await read(job)).toMatchObject({
    status: "done",
    done: 5,
    total: 5,
    changed: 2,
    failed: 0,
    summary: "Counted.",
    result: '{"counted":5}',
    lease_owner: null,
    attempts: 0,
  });
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

test("a server that ends lets the batch end, and the next one goes on from there", async () => {
  const type = fresh();
  const seen: number[] = [];
  const reached = Promise.withResolvers<void>();
  const first = node(
    type,
    counter(seen, (n) => (n === 2 ? reached.resolve() : undefined)),
  );
  const job = await added(first, asked(type));
  await reached.promise;
  await first.close();
  expect(await read(job)).toMatchObject({ status: "queued", done: 3, lease_owner: null });
  const second = node(type, counter(seen));
  expect(await second.settled(job, 5_000)).toBe(true);
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});

test("what a killed process had in hand is taken over when its lease has run out, at the batch it had saved", async () => {
  const type = fresh();
  const silent = createJobs({ db: store.db, now: Date.now, onError: () => {} });
  const job = await added(silent, asked(type));
  const dead = { owner: "dead", until: Date.now() + 300 };
  expect((await takeJob(store.db, [type], dead, Date.now()))?.id).toBe(job.id);
  const saved = { cursor: "3", done: 3, changed: 1, failed: 0, total: 5, problems: undefined };
  expect(await saveProgress(store.db.kysely, job.id, dead, saved)).toBe(false);
  const seen: number[] = [];
  const jobs = node(type, counter(seen));
  await Bun.sleep(100);
  expect(seen).toEqual([]);
  expect(await jobs.settled(job, 5_000)).toBe(true);
  expect(seen).toEqual([3, 4]);
  expect(await read(job)).toMatchObject({ status: "done", done: 5 });
});

test("a node whose job was taken over cannot commit the batch it was in", async () => {
  const type = fresh();
  const stopped: unknown[] = [];
  const inBatch = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const jobs = node(type, {
    run: async (task) => {
      inBatch.resolve();
      await goOn.promise;
      try {
        await store.db.kysely.transaction().execute(async (trx) => {
          await trx.updateTable("jobs").set({ created_by: "late" }).where("id", "=", task.job.id).execute();
          await task.save({ cursor: 1 }, trx);
        });
      } catch (error) {
        stopped.push(error);
        throw error;
      }
      return { summary: "never" };
    },
  });
  const job = await added(jobs, asked(type));
  await inBatch.promise;
  await store.db.kysely.updateTable("jobs").set({ lease_owner: "another" }).where("id", "=", job.id).execute();
  goOn.resolve();
  await jobs.close();
  expect(stopped).toHaveLength(1);
  expect(stopped[0]).toBeInstanceOf(JobStopped);
  expect(await read(job)).toMatchObject({ created_by: "a@example.com", cursor: null, lease_owner: "another" });
});

test("a cancel is heard between two batches, what was done stays, and the handler is told", async () => {
  const type = fresh();
  const seen: number[] = [];
  const endings: string[] = [];
  const reached = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const handler = counter(seen, async (n) => {
    if (n !== 1) return;
    reached.resolve();
    await cancelled.promise;
  });
  const jobs = node(type, { ...handler, ended: async (_task, how) => void endings.push(how) });
  const job = await added(jobs, asked(type));
  await reached.promise;
  await jobs.cancel(job);
  cancelled.resolve();
  expect(await jobs.settled(job, 5_000)).toBe(true);
  // The wish is found with the next save or beat, so one more batch may be done.
  expect(seen.length).toBeLessThan(5);
  const row = await read(job);
  expect(row.status).toBe("cancelled");
  expect(row.summary).toContain("1 had been changed");
  expect(endings).toEqual(["cancelled"]);
});

test("one that nobody has begun is cancelled at once, and one that is over stays as it is", async () => {
  const type = fresh();
  const seen: number[] = [];
  const idle = createJobs({ db: store.db, now: Date.now, onError: () => {} });
  const job = await added(idle, asked(type));
  await idle.cancel(job);
  expect(await read(job)).toMatchObject({ status: "cancelled" });
  const jobs = node(type, counter(seen));
  const other = await added(jobs, asked(type));
  await jobs.settled(other, 5_000);
  await jobs.cancel(other);
  expect(await read(other)).toMatchObject({ status: "done", wants_cancel: 0 });
  expect(seen).toHaveLength(5);
});

test("many nodes do each job once", async () => {
  const type = fresh();
  const runs: number[] = [];
  const handler: JobHandler = {
    run: async (task) => {
      runs.push(task.job.id);
      await Bun.sleep(5);
      return { summary: "" };
    },
  };
  const nodes = [node(type, handler), node(type, handler), node(type, handler)];
  const jobs = await Promise.all(Array.from({ length: 20 }, () => added(nodes[0] as Jobs, asked(type))));
  for (const job of jobs) expect(await nodes[0]?.settled(job, 10_000)).toBe(true);
  expect(runs.toSorted((a, b) => a - b)).toEqual(jobs.map((job) => job.id).toSorted((a, b) => a - b));
});

test("a fault is tried again, one after which nothing helps is not, and a fault that stays ends the job", async () => {
  const [once, never, always] = [fresh(), fresh(), fresh()];
  let tries = 0;
  const jobs = node(once, {
    run: async () => {
      tries += 1;
      if (tries === 1) throw new AppError("database_busy", { reason: "locked" });
      return { summary: "At last." };
    },
  });
  jobs.handle(never, { run: () => Promise.reject(new JobFailure("There is no such feature.")) });
  jobs.handle(always, { run: () => Promise.reject(new Error("a bug")) });
  const mended = await added(jobs, asked(once));
  const refused = await added(jobs, asked(never));
  expect(await jobs.settled(refused, 5_000)).toBe(true);
  expect(await read(refused)).toMatchObject({ status: "failed", summary: "There is no such feature." });
  expect(await jobs.settled(mended, 5_000)).toBe(true);
  expect(await read(mended)).toMatchObject({ status: "done", summary: "At last." });
  const broken = await added(jobs, asked(always));
  await store.db.kysely.updateTable("jobs").set({ attempts: 5 }).where("id", "=", broken.id).execute();
  expect(await jobs.settled(broken, 5_000)).toBe(true);
  expect(await read(broken)).toMatchObject({ status: "failed" });
});

test("a type that nobody knows here waits for a node that does", async () => {
  const type = fresh();
  const jobs = node(fresh(), counter([]));
  const job = await added(jobs, asked(type));
  expect(await jobs.settled(job, 200)).toBe(false);
  expect(await read(job)).toMatchObject({ status: "queued", attempts: 0 });
  node(type, counter([]));
  expect(await jobs.settled(job, 5_000)).toBe(true);
});

test("of two jobs with one key the first is kept", async () => {
  const idle = createJobs({ db: store.db, now: Date.now, onError: () => {} });
  expect(await idle.add(asked("keyed", { uniqueKey: "daily 1" }))).toBeDefined();
  expect(await idle.add(asked("keyed", { uniqueKey: "daily 1" }))).toBeUndefined();
});

test("problems are kept up to a hundred, and counted beyond", async () => {
  const type = fresh();
  const jobs = node(type, {
    run: async (task) => {
      for (let batch = 0; batch < 3; batch++) {
        const problems = Array.from({ length: 60 }, (_, line) => ({ line: batch * 60 + line, message: "bad" }));
        await task.save({ cursor: batch, failed: 60, problems });
        await task.pause();
      }
      return { summary: "" };
    },
  });
  const job = await added(jobs, asked(type));
  await jobs.settled(job, 5_000);
  const row = await read(job);
  const kept = JSON.parse(row.problems) as { line: number }[];
  expect(kept).toHaveLength(100);
  expect(kept.at(-1)?.line).toBe(99);
  expect(row.failed).toBe(180);
});

test("an upload runs when all of it is there; its input goes with the end, its output after a day", async () => {
  const type = fresh();
  const jobs = node(type, {
    run: async (task) => {
      const read = await task.files.read(task.job.id, "input", 1);
      await task.files.write(task.job.id, "output", 0, { text: read?.text.toUpperCase() ?? "", firstLine: 1 });
      return { summary: "", file: { type: "text/plain", name: "x.txt" } };
    },
  });
  const upload = await jobs.addUpload(asked(type));
  await jobs.files.write(upload.id, "input", 0, { text: "a", firstLine: 1 });
  await jobs.files.write(upload.id, "input", 1, { text: "b é 😀", firstLine: 2 });
  await Bun.sleep(60);
  expect((await read(upload)).status).toBe("uploading");
  const job = await jobs.queue(upload, { payload: {}, total: null });
  await jobs.settled(job, 5_000);
  expect(await jobs.files.read(job.id, "input", 0)).toBeUndefined();
  expect(await new Response(jobs.files.stream(job.id, "output")).text()).toBe("B É 😀");
  await cleanUp(store.db, jobs.files, Date.now());
  expect(await jobs.files.read(job.id, "output", 0)).toBeDefined();
  await cleanUp(store.db, jobs.files, Date.now() + 2 * 86_400_000);
  expect(await jobs.files.read(job.id, "output", 0)).toBeUndefined();
  expect((await read(job)).status).toBe("done");
  await cleanUp(store.db, jobs.files, Date.now() + 32 * 86_400_000);
  expect(await findJob(store.db.kysely, job.uuid)).toBeUndefined();
});

test("an upload that broke off is forgotten", async () => {
  const idle = createJobs({ db: store.db, now: Date.now, onError: () => {} });
  const upload = await idle.addUpload(asked("broken off"));
  await idle.files.write(upload.id, "input", 0, { text: "a", firstLine: 1 });
  await cleanUp(store.db, idle.files, Date.now() + 7_200_000);
  expect(await findJob(store.db.kysely, upload.uuid)).toBeUndefined();
  expect(await idle.files.read(upload.id, "input", 0)).toBeUndefined();
});
