/** Writes counts one by one, since of those that fail together some would have been written, and be counted twice the next time. */
import { isAppError } from "../../errors.ts";

export interface Failed<Count> {
  readonly count: Count;
  readonly error: unknown;
}

/** Resolves with what could not be written. What an environment or a feature counted that has been deleted meanwhile is passed over. */
export async function addCounts<Count>(
  counts: readonly Count[],
  write: (one: readonly Count[]) => Promise<void>,
): Promise<readonly Failed<Count>[]> {
  const written = await Promise.all(
    counts.map(async (count): Promise<Failed<Count> | undefined> => {
      try {
        await write([count]);
        return undefined;
      } catch (error) {
        return isAppError(error, "conflict") ? undefined : { count, error };
      }
    }),
  );
  return written.filter((failed) => failed !== undefined);
}
