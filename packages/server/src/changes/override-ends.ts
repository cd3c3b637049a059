/**
 * Announces the ends of identities' overrides. Whoever evaluates compares clocks by itself; this moves the environment's revision
 * once the time has come, so that clients that evaluate by themselves hear of it. What was announced is marked in the row: of many
 * nodes one announces it, and after a restart nothing is announced twice or forgotten.
 */
import type { Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";
import { type AuditEntry, type Changes, identitySubject } from "./commit.ts";

export interface OverrideEndsDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export interface OverrideEnds {
  /** An override was written, or may have been: looks up again which one ends next. Cheap to call often. */
  look(): void;
  /** Announces all that have ended. Returns how many this process announced. */
  settle(): Promise<number>;
  close(): Promise<void>;
}

/** Also finds what another node wrote when its message was lost. */
const LOOK_EVERY_MS = 30_000;
const RETRY_MS = 1000;
/** Looks that follow one another closely become one. */
const GATHER_MS = 20;
const PART = 200;

const announcer = { actor: "expiry", requestId: null };

interface Ended {
  readonly id: number;
  readonly environment_id: number;
}

export function createOverrideEnds(deps: OverrideEndsDeps): OverrideEnds {
  const { now, onError } = deps;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wakesAt = Number.POSITIVE_INFINITY;
  let running: Promise<unknown> | undefined;
  let isAskedAgain = false;
  let isClosed = false;

  const wakeIn = (ms: number): void => {
    const at = Date.now() + ms;
    if (isClosed || at >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = at;
    timer = setTimeout(wake, ms);
    timer.unref?.();
  };

  const settle = async (): Promise<number> => {
    let announced = 0;
    for (;;) {
      const ended = await findEnded(deps.db, now());
      for (const rows of Map.groupBy(ended, (row) => row.environment_id).values()) {
        announced += await announce(deps, rows);
      }
      if (ended.length < PART) return announced;
    }
  };

  const round = async (): Promise<void> => {
    await settle();
    const next = await findNextEnd(deps.db);
    wakeIn(Math.min(LOOK_EVERY_MS, next === null ? LOOK_EVERY_MS : Math.max(0, next - now())));
  };

  function wake(): void {
    wakesAt = Number.POSITIVE_INFINITY;
    if (running) {
      isAskedAgain = true;
      return;
    }
    running = round()
      .catch((error: unknown) => {
        if (!isClosed) onError(error);
        wakeIn(RETRY_MS);
      })
      .finally(() => {
        running = undefined;
        if (isAskedAgain) wakeIn(GATHER_MS);
        isAskedAgain = false;
      });
  }

  wakeIn(0);
  return {
    look: () => wakeIn(GATHER_MS),
    settle,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function findEnded({ kysely }: Db, now: number): Promise<Ended[]> {
  return kysely
    .selectFrom("identity_overrides")
    .select(["id", "environment_id"])
    .where("is_expired", "=", 0)
    .where("expires_at", "is not", null)
    .where("expires_at", "<=", now)
    .orderBy("expires_at")
    .orderBy("id")
    .limit(PART)
    .execute();
}

async function findNextEnd({ kysely }: Db): Promise<number | null> {
  const row = await kysely
    .selectFrom("identity_overrides")
    .select("expires_at")
    .where("is_expired", "=", 0)
    .where("expires_at", "is not", null)
    .orderBy("expires_at")
    .limit(1)
    .executeTakeFirst();
  return row?.expires_at ?? null;
}

/** The overrides of one environment. Whoever marks a row first announces it; the others find nothing left. */
function announce({ changes, now }: OverrideEndsDeps, ended: readonly Ended[]): Promise<number> {
  const environmentId = ended[0]?.environment_id ?? 0;
  const ids = ended.map((row) => row.id).sort((a, b) => a - b);
  return changes.commit(announcer, async (trx) => {
    const marked = await trx
      .updateTable("identity_overrides")
      .set({ is_expired: 1 })
      .where("environment_id", "=", environmentId)
      .where("id", "in", ids)
      .where("is_expired", "=", 0)
      .where("expires_at", "<=", now())
      .returning(["id", "identifier", "feature_id", "expires_at"])
      .execute();
    if (marked.length === 0) return { result: 0, entries: [] };
    const entries = await entriesOf(trx, environmentId, marked);
    return { result: marked.length, entries, environments: [environmentId] };
  });
}

interface Marked {
  readonly id: number;
  readonly identifier: string;
  readonly feature_id: number;
  readonly expires_at: number | null;
}

async function entriesOf(
  trx: Transaction<Tables>,
  environmentId: number,
  marked: readonly Marked[],
): Promise<AuditEntry[]> {
  const place = await trx
    .selectFrom("environments as e")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .select(["p.id", "p.organisation_id"])
    .where("e.id", "=", environmentId)
    .executeTakeFirstOrThrow();
  const features = await trx
    .selectFrom("features")
    .select(["id", "name"])
    .where("id", "in", [...new Set(marked.map((row) => row.feature_id))])
    .execute();
  const names = new Map(features.map((feature) => [feature.id, feature.name]));
  return marked
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, identifier, feature_id, expires_at }) => {
      const known = {
        feature: feature_id,
        expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
      };
      return {
        action: "UPDATE",
        objectType: "identity_override",
        objectId: String(id),
        organisationId: place.organisation_id,
        projectId: place.id,
        environmentId,
        log: `Override of ${names.get(feature_id) ?? feature_id} expired for identity ${identifier}`,
        before: { ...known, is_expired: false },
        after: { ...known, is_expired: true },
        subjects: [
          { type: "identity", id: identitySubject(environmentId, identifier) },
          { type: "feature", id: String(feature_id) },
        ],
      };
    });
}
