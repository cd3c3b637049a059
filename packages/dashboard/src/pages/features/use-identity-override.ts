/** Writes of one feature's override for one identity, against what the page showed of it. */
import { useQueryClient } from "@tanstack/react-query";
import { queryKeys } from "../../api/query-keys.ts";
import { overridePath } from "../identity/identity-queries.ts";
import { readOverride, useOverrideWrites, type WantedOverride } from "../identity/override-writes.ts";
import type { Feature } from "./feature-queries.ts";

export function useIdentityOverride(environmentKey: string, identifier: string, feature: Pick<Feature, "id" | "name">) {
  const client = useQueryClient();
  const writes = useOverrideWrites({ environmentKey, identifier });
  return {
    /** `shown` is when what the page shows was last changed; undefined where it shows none. */
    save: async (wanted: WantedOverride, shown: string | undefined): Promise<void> => {
      const held = await readOverride(overridePath(environmentKey, identifier, feature.id));
      if (held.override?.updated_at !== shown) {
        void client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
        throw new Error(
          shown === undefined
            ? `${identifier} has an override already. Change that one.`
            : "Somebody else has changed this override meanwhile. Nothing of yours has been stored.",
        );
      }
      await writes.save(feature, wanted, held);
    },
    reset: (shown: string) => writes.reset(feature, shown),
  };
}
