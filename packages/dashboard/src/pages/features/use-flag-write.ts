/** Writes of one flag. Whoever was second is told what the other did, and nothing is overwritten without a word. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { type Flag, type FlagPatch, flagPath, flagQuery, patchFlag } from "./feature-queries.ts";
import { isUntouched } from "./flag-touched.ts";

export interface SaveEnds {
  /** It is stored, at once or after the person has said so. */
  readonly onSaved?: (saved: Flag) => void;
  /** The person gave up theirs for what the other has saved. */
  readonly onTheirs?: () => void;
}

export interface FlagConflict extends SaveEnds {
  readonly patch: FlagPatch;
  readonly now: Flag;
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
    /** Undefined where somebody else was quicker: `conflict` says so. `base` is what the page showed when editing began. */
    save: async (base: Flag, patch: FlagPatch, ends: SaveEnds = {}): Promise<Flag | undefined> => {
      const now = await api.get<Flag>(flagPath(environmentKey, featureId));
      if (!isUntouched(base, now, patch)) {
        setConflict({ patch, now, ...ends });
        return undefined;
      }
      const saved = await write(patch);
      ends.onSaved?.(saved);
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
