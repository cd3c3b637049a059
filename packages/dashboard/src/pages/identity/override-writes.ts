/** Overriding one feature for one identity, and taking that back. Whoever was quicker is never written over unseen. */
import type { IdentityOverride } from "@burgee/contract/admin";
import { useQueryClient } from "@tanstack/react-query";
import { api, request } from "../../api/client.ts";
import { ApiError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { notifyDone } from "../../components/notify.tsx";
import type { FlagValue } from "../../components/value-format.ts";
import { overridePath } from "./identity-queries.ts";

export interface WantedOverride {
  readonly enabled: boolean;
  /** Neither a value nor a variant: what is there stays, or everybody's. */
  readonly value?: FlagValue;
  readonly variant?: string;
  readonly reason: string | null;
  /** ISO; null = it stays. */
  readonly expires_at: string | null;
}

export interface HeldOverride {
  /** null = there is none. */
  readonly override: IdentityOverride | null;
  readonly etag: string | null;
}

export async function readOverride(path: string, signal?: AbortSignal): Promise<HeldOverride> {
  try {
    const { data, etag } = await request<IdentityOverride>("GET", path, signal ? { signal } : {});
    return { override: data, etag };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { override: null, etag: null };
    throw error;
  }
}

/** The same again, as a body: what an undo sends. An end that has passed is left out; the server would refuse it. */
function asWanted(override: IdentityOverride): WantedOverride {
  const { enabled, value, variant, reason, expires_at, is_expired } = override;
  const served = variant === null ? { value } : { variant };
  return { enabled, ...served, reason, expires_at: is_expired ? null : expires_at };
}

const precondition = ({ etag }: HeldOverride) => (etag === null ? { ifNew: true } : { ifMatch: etag });

export interface OverridePlace {
  readonly environmentKey: string;
  readonly identifier: string;
}

export interface NamedFeature {
  readonly id: number;
  readonly name: string;
}

export function useOverrideWrites({ environmentKey, identifier }: OverridePlace) {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
  const pathOf = ({ id }: NamedFeature) => overridePath(environmentKey, identifier, id);
  /** Back to what was, where it is still what was made of it. */
  const undo = async (feature: NamedFeature, before: HeldOverride, etag: string | null) => {
    const path = pathOf(feature);
    if (before.override && !before.override.is_expired) {
      await api.put(path, asWanted(before.override), etag === null ? { ifNew: true } : { ifMatch: etag });
    } else await api.delete(path, { ifMatch: etag });
    await refresh();
  };
  return {
    /** `held` is what the person saw; ApiError.isConflict where that has changed. */
    save: async (feature: NamedFeature, wanted: WantedOverride, held: HeldOverride): Promise<void> => {
      const { etag } = await request("PUT", pathOf(feature), { body: wanted, ...precondition(held) });
      await refresh();
      notifyDone(`${feature.name} is overridden for ${identifier}.`, { undo: () => undo(feature, held, etag) });
    },
    /** `shown` is when the override that the page shows was last changed. */
    reset: async (feature: NamedFeature, shown: string): Promise<void> => {
      const path = pathOf(feature);
      const held = await readOverride(path);
      if (held.override && held.override.updated_at !== shown) {
        await refresh();
        throw new Error("Somebody else has changed this override meanwhile. Look at it again.");
      }
      if (held.override) await api.delete(path, { ifMatch: held.etag });
      await refresh();
      notifyDone(`${feature.name} is no longer overridden for ${identifier}.`, {
        undo: () => undo(feature, held, null),
      });
    },
  };
}
