/** What SDKs report of evaluations they made. Written before it is acknowledged; unknown features and odd counts are skipped. */
import { type FeatureReport, readAnalyticsV1, readAnalyticsV2 } from "@burgee/contract/sdk";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { readBody } from "../../http/body.ts";
import { empty, json } from "../../http/headers.ts";
import type { SdkCall, SdkRoute } from "../../http/sdk-door.ts";
import { sdkLabel } from "../../http/sdk-label.ts";
import { addCounts } from "./add-counts.ts";
import { createReportWriter } from "./report-writer.ts";
import type { FeatureCount, UsageStore } from "./usage.store.ts";

export interface AnalyticsDeps {
  readonly store: UsageStore;
  readonly bodyLimit: number;
}

export interface AnalyticsRoutes {
  readonly flagsV1: SdkRoute<LoadedEnvironment>;
  readonly flagsV2: SdkRoute<LoadedEnvironment>;
}

type Call = SdkCall<LoadedEnvironment>;

const idsByName = new WeakMap<LoadedEnvironment, ReadonlyMap<string, number>>();

function featureIds(environment: LoadedEnvironment): ReadonlyMap<string, number> {
  const known = idsByName.get(environment);
  if (known) return known;
  const made = new Map([...environment.features.values()].map(({ id, name }) => [name, id]));
  idsByName.set(environment, made);
  return made;
}

/** One count a feature and answer, so that a long report stays few writes. */
function addUp({ environment, request }: Call, reports: readonly FeatureReport[]): FeatureCount[] {
  const ids = featureIds(environment);
  const sdk = sdkLabel(request);
  const sums = new Map<string, FeatureCount>();
  for (const { featureName, enabled, count } of reports) {
    const featureId = ids.get(featureName);
    if (featureId === undefined || count <= 0) continue;
    const state = enabled === null ? -1 : Number(enabled);
    const key = `${featureId} ${state}`;
    const sum = (sums.get(key)?.count ?? 0) + count;
    sums.set(key, { environmentId: environment.id, featureId, sdk, enabled: state, count: sum });
  }
  return [...sums.values()];
}

export function createAnalyticsRoutes({ store, bodyLimit }: AnalyticsDeps): AnalyticsRoutes {
  const write = createReportWriter(async (counts) => {
    const [failed] = await addCounts(counts, store.addFeatures);
    if (failed) throw failed.error;
  });
  const take =
    (read: typeof readAnalyticsV1, accepted: () => Response) =>
    async (call: Call): Promise<Response> => {
      const body = await readBody(call.request, { limit: bodyLimit });
      if (!body.ok) return json(body.status, body.body);
      const reports = read(body.value);
      if (!reports.ok) return json(reports.status, reports.body);
      await write(addUp(call, reports.value));
      return accepted();
    };

  return {
    // 200 for the first: Flutter forgets its counters only then. 204 is what the second is documented to answer.
    flagsV1: { methods: { POST: take(readAnalyticsV1, () => empty(200)) }, anyAccept: true },
    flagsV2: { methods: { POST: take(readAnalyticsV2, () => empty(204)) }, anyAccept: true },
  };
}
