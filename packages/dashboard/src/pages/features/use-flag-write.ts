/** Writes of one flag. Whoever was second is told what the other did, and nothing is overwritten without a word. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { type Flag, type FlagPatch, flagPath, flagQuery, patchFlag } from "./feature-queries.ts";

export interface FlagConflict {
  readonly patch: FlagPatch;
  readonly now: Flag;
  readonly done: (() => void) | undefined;
}

/** Whether the parts that a patch touches are as they were when it was written. */
export function isUntouched(base: Flag, now: Flag, patch: FlagPatch): boolean {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (patch.environment_default && !same(base.environment_default, now.environment_default)) return false;
  if (!patch.segment_overrides) return true;
  return same(base.segment_overrides, now.segment_overrides);
}

export function useFlagWrite(environmentKey: string, projectId: number, featureId: number) {
  const client = useQueryClient();
  const query = flagQuery(environmentKey, featureId);
  const [conflict, setConflict] = useState<FlagConflict>();

  const accept = (saved: Flag) => {
    client.setQueryData(query.queryKey, saved);
    void client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
    void client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
  };
  const write = async (patch: FlagPatch): Promise<Flag> => {
    const saved = await patchFlag(environmentKey, featureId, patch);
    accept(saved);
    return saved;
  };

  return {
    conflict,
    endConflict: () => setConflict(undefined),
    /** Undefined where somebody else was quicker: `conflict` says so. `base` is what the page showed. */
    save: async (base: Flag, patch: FlagPatch, done?: () => void): Promise<Flag | undefined> => {
      const now = await api.get<Flag>(flagPath(environmentKey, featureId));
      if (!isUntouched(base, now, patch)) {
        setConflict({ patch, now, done });
        return undefined;
      }
      const saved = await write(patch);
      done?.();
      return saved;
    },
    /** All the same. */
    overwrite: write,
    /** What the server answered to a write made elsewhere. */
    accept,
    /** Shows what is there now. */
    showTheirs: (now: Flag) => client.setQueryData(query.queryKey, now),
  };
}

export type FlagWrite = ReturnType<typeof useFlagWrite>;
