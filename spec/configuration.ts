/** Configuration changes as the admin API will make them: rows, audit and revision in one commit. */
import type { Changes } from "../packages/server/src/changes/commit.ts";

type Trx = Parameters<Parameters<Changes["commit"]>[1]>[0];

/** Runs `write` and moves the environment's revision. */
export function changeEnvironment(
  changes: Changes,
  environmentId: number,
  write: (trx: Trx) => Promise<unknown> = async () => undefined,
): Promise<void> {
  return changes.commit({ actor: "test", requestId: null }, async (trx) => {
    await write(trx);
    return {
      result: undefined,
      environments: [environmentId],
      entries: [
        {
          action: "UPDATE",
          objectType: "environment",
          objectId: String(environmentId),
          organisationId: null,
          projectId: null,
          environmentId,
          log: "Changed by a test",
          before: null,
          after: null,
        },
      ],
    };
  });
}

/** Turns an environment default on or off. */
export const setEnabled =
  (featureId: number, enabled: boolean) =>
  (trx: Trx): Promise<unknown> =>
    trx
      .updateTable("feature_states")
      .set({ enabled: enabled ? 1 : 0 })
      .where("feature_id", "=", featureId)
      .where("feature_segment_id", "is", null)
      .execute();
