/** How many identities are in a segment, exactly. The rows are read by the database's readers and judged on a thread of their own. */
import type { DocumentRule } from "@burgee/engine";
import { JobFailure, type JobHandler, type JobOutcome } from "../../jobs/job.ts";
import type { Thread } from "../../jobs/thread.ts";
import type { CountQuestion } from "./batch-questions.ts";
import { countIdentities } from "./bulk.store.ts";
import { readRowsText } from "./count.store.ts";
import type { IdentityJobDeps, JobPlace } from "./job-batches.ts";

export interface CountPayload {
  readonly place: JobPlace;
  /** 0: not stored. */
  readonly segmentId: number;
  readonly name: string;
  readonly rules: readonly DocumentRule[];
}

const ROWS = 2_000;

export function createCountSegment({ db, documents }: IdentityJobDeps, thread: Thread): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const { place, segmentId, name, rules } = task.payload as CountPayload;
      const environment = await documents.get(place.environmentId);
      if (!environment) throw new JobFailure("The environment was deleted.");
      const { id, apiKey, name: environmentName, compositeHashKey } = environment;
      const asked = {
        kind: "count",
        environment: { id, apiKey, name: environmentName, compositeHashKey },
        segmentId,
        rules,
      } as const;
      const cursor = task.cursor as { readonly at: number; readonly count: number } | undefined;
      let { at, count } = cursor ?? { at: 0, count: 0 };
      if (!cursor)
        await task.save({ cursor: { at, count }, total: await countIdentities(db.kysely, place.environmentId) });
      const read = (after: number) => readRowsText(db.kysely, db.capabilities, place.environmentId, after, ROWS);
      let page = await read(at);
      while (page) {
        // The next page is read while this one is judged.
        const [members, next] = await Promise.all([
          thread.ask<number>({ ...asked, text: page.text } satisfies CountQuestion),
          read(page.last),
        ]);
        at = page.last;
        count += members;
        await task.save({ cursor: { at, count }, done: page.count });
        await task.pause();
        page = next;
      }
      const total = task.counts().done;
      const percent = total === 0 ? 0 : Math.round((count / total) * 10_000) / 100;
      return { summary: `${count} of ${total} identities are in ${name}.`, result: { count, total, percent } };
    },
  };
}
