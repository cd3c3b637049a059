/** What rows of an import are read with. */
import type { Db } from "../../db/database.ts";
import { listDefaults, listFeatures, listProjectOptions } from "./features.store.ts";
import type { JobPlace } from "./job-batches.ts";
import type { KnownFeature } from "./override-spec.ts";

/** PostgreSQL's keys hold no more than about 2,700 bytes. */
const KEY_BYTES = 2_600;

export const identifierBytes = ({ capabilities }: Db): number | null => (capabilities.multiNode ? KEY_BYTES : null);

export async function readFeatures({ kysely }: Db, place: JobPlace): Promise<KnownFeature[]> {
  const features = await listFeatures(kysely, place.projectId);
  const options = Map.groupBy(await listProjectOptions(kysely, place.projectId), (option) => option.feature_id);
  const defaults = await listDefaults(kysely, place.environmentId);
  return features.map((feature) => ({
    ...feature,
    options: options.get(feature.id) ?? [],
    base: defaults.get(feature.id),
  }));
}
