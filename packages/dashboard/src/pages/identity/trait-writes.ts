/** Writing one trait. Refused where somebody changed that very trait meanwhile; another's change of another trait is no conflict. */
import { useQueryClient } from "@tanstack/react-query";
import { apiPath, request } from "../../api/client.ts";
import { ApiError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { notifyDone } from "../../components/notify.tsx";
import { type IdentityRecord, type RecordTrait, recordPath, type TaggedRecord } from "./identity-queries.ts";

export interface TraitPlace {
  readonly environmentKey: string;
  readonly identifier: string;
}

/** null = it is not there. */
export type TraitState = Pick<RecordTrait, "type" | "value"> | null;

const traitOf = (record: IdentityRecord, key: string): TraitState =>
  record.traits.find((trait) => trait.key === key) ?? null;

const isSame = (a: TraitState, b: TraitState): boolean => a?.type === b?.type && a?.value === b?.value;

export function useTraitWrites({ environmentKey, identifier }: TraitPlace) {
  const client = useQueryClient();
  const record = recordPath(environmentKey, identifier);

  async function write(key: string, wanted: TraitState, seen: TraitState, etag: string | null): Promise<void> {
    const path = record + apiPath`traits/${key}/`.slice("/api/v1".length);
    try {
      if (wanted === null) await request("DELETE", path, { ifMatch: etag });
      else await request("PUT", path, { body: { value: wanted.value, type: wanted.type }, ifMatch: etag });
    } catch (error) {
      if (!(error instanceof ApiError && error.isConflict)) throw error;
      const now = await request<IdentityRecord>("GET", record);
      if (!isSame(traitOf(now.data, key), seen)) {
        await refresh();
        throw new Error(`Somebody else has changed ${key} meanwhile. Look at it again before you change it.`);
      }
      await write(key, wanted, seen, now.etag);
    }
  }

  const refresh = () => client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });

  return {
    /** `wanted` null takes it away. */
    save: async (key: string, wanted: TraitState, shown: TaggedRecord): Promise<void> => {
      const before = traitOf(shown.record, key);
      await write(key, wanted, before, shown.etag);
      await refresh();
      const said = wanted === null ? `Took ${key} away from ${identifier}.` : `Saved ${key} of ${identifier}.`;
      const undo = async () => {
        await write(key, before, wanted, null);
        await refresh();
      };
      notifyDone(said, { undo });
    },
  };
}
