/**
 * The one door for every configuration write: rows, audit rows and revisions in one transaction, and whoever caches is told
 * after the commit and before the caller. Trait writes do not come this way: they are data.
 */
import type { Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { AuditTable, Tables } from "../db/tables.ts";
import { isAppError } from "../errors.ts";
import { createNodeFeed } from "./feed.ts";
import { type IdentityNews, subjectTopic, type Topic } from "./identity-news.ts";
import { bumpRevisions, goneRevision } from "./revisions.ts";
import type { AuditSubject } from "./subjects.ts";

/** "cli", "user:12", "key:abcd". */
export type Actor = string;

export interface RequestInfo {
  readonly actor: Actor;
  readonly requestId: string | null;
  /** Of the client, where there is one. */
  readonly address?: string | null;
}

export { type AuditSubject, identitySubject } from "./subjects.ts";

export interface AuditEntry {
  readonly action: AuditTable["action"];
  /** The noun: "feature", "segment", … */
  readonly objectType: string;
  readonly objectId: string;
  readonly organisationId: number | null;
  readonly projectId: number | null;
  /** Its audit row carries the revision this change gave the environment. */
  readonly environmentId: number | null;
  /** What else it is about, beside its object: the feature of an override, say. */
  readonly subjects?: readonly AuditSubject[];
  /** One sentence for people. */
  readonly log: string;
  /** Stored as JSON. */
  readonly before: unknown;
  readonly after: unknown;
  /** What is gone with it, for the outbox; not stored. */
  readonly gone?: unknown;
}

/** A change as it is written, before it is committed. */
export interface Written {
  readonly request: RequestInfo;
  readonly entries: readonly AuditEntry[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Makes what is to be told elsewhere rows of the change's own transaction: told if and only if that commits. Runs after revisions and
 * audit rows, so that changes of one environment come in their order; may run again, as the body. Returns what to call after the commit.
 */
export type Outbox = (trx: Transaction<Tables>, written: Written) => Promise<() => void>;

export interface Change<Result> {
  readonly result: Result;
  /** Empty only when nothing changed: then no revision moves and nothing is published. */
  readonly entries: readonly AuditEntry[];
  /**
   * Environments that evaluate differently now. One that the body deleted is published with a revision no copy can reach;
   * a new one is inserted with revision 0.
   */
  readonly environments?: readonly number[];
  /** All of a project's environments. Name them in `environments` when the body deletes the project. */
  readonly projects?: readonly number[];
}

/** May run again when the database undid it for another transaction's sake: everything it does goes through `trx`. */
export type ChangeBody<Result> = (trx: Transaction<Tables>) => Promise<Change<Result>>;

export interface EnvironmentChange {
  readonly environmentId: number;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** Only these identities evaluate differently; left out: anybody may. */
  readonly identities?: readonly Topic[];
}

export interface Changes {
  /** Rejects with nothing written, moved or published. */
  commit<Result>(request: RequestInfo, body: ChangeBody<Result>): Promise<Result>;
}

export interface ChangesDeps {
  readonly db: Db;
  readonly clock: () => number;
  /**
   * Runs before the caller hears of the commit, so that its next read cannot find an older copy. Also told of the commits of
   * other nodes, in whatever order they arrive.
   */
  readonly publish: (changes: readonly EnvironmentChange[]) => void;
  /** Told of identities whose change moved no revision. */
  readonly news?: IdentityNews;
  readonly outbox?: Outbox;
}

const maxTries = 3;
const nothing = (): void => {};

export function createChanges({ db, clock, publish, news, outbox }: ChangesDeps): Changes {
  const feed = createNodeFeed(db.changeFeed);
  feed.hear(publish);

  async function commit<Result>(request: RequestInfo, body: ChangeBody<Result>): Promise<Result> {
    const { result, moved, topics, tell } = await tryAgain(() =>
      db.kysely.transaction().execute((trx) => write(trx, request, body)),
    );
    if (moved.length > 0) publish(moved);
    for (const topic of topics) news?.changedTopic(topic);
    tell();
    return result;
  }

  async function write<Result>(trx: Transaction<Tables>, request: RequestInfo, body: ChangeBody<Result>) {
    const change = await body(trx);
    if (change.entries.length === 0) return { result: change.result, moved: [], topics: [], tell: nothing };
    const now = clock();
    const bumped = await bumpRevisions(db, trx, change, now);
    await insertAudit(trx, request, change.entries, bumped, now);
    const tell = (await outbox?.(trx, { request, entries: change.entries, at: now })) ?? nothing;
    const topics = change.entries.flatMap(topicsOf);
    const isPersonal = change.entries.every((entry) => topicsOf(entry).length > 0) && !change.projects?.length;
    const moved = isPersonal ? bumped.map((environment) => ({ ...environment, identities: topics })) : bumped;
    await feed.tell(trx, moved);
    // What moved a revision is told with it.
    return { result: change.result, moved, topics: isPersonal && moved.length > 0 ? [] : topics, tell };
  }

  return { commit };
}

const PERSONAL: ReadonlySet<string> = new Set(["identity", "identity_override", "trait"]);

/** The identities that an entry is about; none where others may evaluate differently too. */
function topicsOf({ objectType, subjects = [] }: AuditEntry): Topic[] {
  if (!PERSONAL.has(objectType)) return [];
  return subjects.filter(({ type }) => type === "identity").map(({ id }) => subjectTopic(id));
}

/** Two transactions that wait for each other: the database undoes one, which then finds the way free. */
async function tryAgain<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === maxTries || !isAppError(error, "database_busy") || error.details["reason"] !== "deadlock")
        throw error;
    }
  }
}

async function insertAudit(
  trx: Transaction<Tables>,
  request: RequestInfo,
  entries: readonly AuditEntry[],
  moved: readonly EnvironmentChange[],
  now: number,
): Promise<void> {
  const revisions = new Map<number | null, number>();
  for (const { environmentId, revision } of moved)
    if (revision !== goneRevision) revisions.set(environmentId, revision);
  const rows = entries.map((entry) => ({
    created_at: now,
    organisation_id: entry.organisationId,
    project_id: entry.projectId,
    environment_id: entry.environmentId,
    revision: revisions.get(entry.environmentId) ?? null,
    actor: request.actor,
    request_id: request.requestId,
    address: request.address || null,
    action: entry.action,
    object_type: entry.objectType,
    object_id: entry.objectId,
    log: entry.log,
    before: toJson(entry.before),
    after: toJson(entry.after),
  }));
  for (let start = 0; start < rows.length; start += 500) {
    const written = await trx
      .insertInto("audit")
      .values(rows.slice(start, start + 500))
      .returning("id")
      .execute();
    // Ids are given in the order of the rows; RETURNING promises no order.
    const ids = written.map((row) => row.id).sort((a, b) => a - b);
    const subjects = ids.flatMap((id, i) => subjectsOf(entries[start + i], id));
    if (subjects.length > 0) await trx.insertInto("audit_subjects").values(subjects).execute();
  }
}

function subjectsOf(entry: AuditEntry | undefined, auditId: number) {
  if (!entry) return [];
  const subjects = [{ type: entry.objectType, id: entry.objectId }, ...(entry.subjects ?? [])];
  const distinct = new Map(subjects.map((subject) => [`${subject.type} ${subject.id}`, subject]));
  return [...distinct.values()].map(({ type, id }) => ({ audit_id: auditId, subject_type: type, subject_id: id }));
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
