/** How many identities are in a segment, exactly: counted on the threads of searches, and watched from here. */
import type { DocumentRule } from "@burgee/engine";
import type { JobHandler, JobOutcome, Task } from "../../jobs/job.ts";
import type { CountWanted, Search } from "../../search/search.ts";
import { countIdentities } from "./bulk.store.ts";
import type { IdentityJobDeps, JobPlace } from "./job-batches.ts";

export interface CountPayload {
  readonly place: JobPlace;
  /** 0: not stored. */
  readonly segmentId: number;
  readonly name: string;
  readonly rules: readonly DocumentRule[];
}

const LOOK_MS = 200;

/** Shows how far it is, and ends the count where the job is to stop. */
async function watched(
  task: Task,
  search: Pick<Search, "countMatching">,
  wanted: CountWanted,
  total: number,
): Promise<number> {
  const stop = new AbortController();
  let done = 0;
  let saved = 0;
  let isOver = false;
  const onProgress = ({ share }: { readonly share: number }): void => {
    done = Math.round(share * total);
  };
  const counting = search.countMatching({ ...wanted, signal: stop.signal, onProgress }).finally(() => {
    isOver = true;
  });
  const settled = counting.catch(() => {});
  try {
    while (!isOver) {
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
      const now = done;
      await task.save({ cursor: null, done: now - saved });
      saved = now;
      await task.pause();
    }
  } catch (error) {
    stop.abort(error);
    await settled;
    throw error;
  }
  return counting;
}

/** After a crash it counts anew: members of before may not be any more. */
export function createCountSegment({ db, search }: IdentityJobDeps): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const { place, segmentId, name, rules } = task.payload as CountPayload;
      const { environmentId } = place;
      const total = await countIdentities(db.kysely, environmentId);
      await task.save({ cursor: null, done: -task.counts().done, total });
      const count = await watched(task, search, { environmentId, rules: { segmentId, rules } }, total);
      await task.save({ cursor: null, done: total - task.counts().done });
      const percent = total === 0 ? 0 : Math.round((count / total) * 10_000) / 100;
      return { summary: `${count} of ${total} identities are in ${name}.`, result: { count, total, percent } };
    },
  };
}
