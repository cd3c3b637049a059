/** A flag in one environment as a whole: what command lines and infrastructure tools read and write. */

import { drf } from "@burgee/contract";
import { type FlagInput, flagInput, flagSchema, rowId } from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { findFeature } from "./features.store.ts";
import { readFlag, removeOverride, writeFlag } from "./flag-changes.ts";
import type { StateDeps } from "./state-changes.ts";

const ONE = "/api/__future__/environments/{key}/features/{feature}/";
const tag = "flags";
const params = drf.object({ key: drf.string(), feature: rowId() });

const NEEDS = { environment_default: "UPDATE_FEATURE_STATE", segment_overrides: "MANAGE_SEGMENT_OVERRIDES" } as const;

/** Each part needs its own right; one who has neither may not even ask for nothing. */
async function mayWrite(access: Access, key: string, body: FlagInput): Promise<EnvironmentScope> {
  const scope = await access.environment(key, "VIEW");
  const allowed = new Map<string, boolean>();
  for (const [part, need] of Object.entries(NEEDS)) allowed.set(part, await access.mayInEnvironment(scope, need));
  const mayNothing = [...allowed.values()].every((may) => !may);
  const refused = (Object.keys(NEEDS) as (keyof typeof NEEDS)[]).some((part) => body[part] && !allowed.get(part));
  if (mayNothing || refused) throw new AppError("forbidden");
  return scope;
}

export function mountFlags(api: AdminApi, deps: StateDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "What a flag serves in an environment",
      tag,
      params,
      responses: { 200: flagSchema },
    },
    async ({ access, params: { key, feature } }) => {
      const { project, environment } = await access.environment(key, "VIEW");
      if (!(await findFeature(db.kysely, project.id, feature))) throw new AppError("not_found");
      return readFlag(db.kysely, environment.id, feature);
    },
  );

  const writes = [
    { method: "patch", replace: false, summary: "Change what a flag serves; what is left out stays" },
    {
      method: "put",
      replace: true,
      summary: "Replace the parts of a flag that are named; what they leave out is reset",
    },
  ] as const;
  for (const { method, replace, summary } of writes) {
    api.route(
      { method, path: ONE, summary, tag, params, body: flagInput, responses: { 200: flagSchema } },
      async ({ access, params: { key, feature: featureId }, body, audited }) => {
        const scope = await mayWrite(access, key, body);
        refuseDirectWrite(scope);
        return writeFlag(deps, audited, scope, { featureId, body, replace });
      },
    );
  }

  api.route(
    {
      method: "delete",
      path: `${ONE}segment-overrides/{segment}/`,
      summary: "Remove a segment override",
      tag,
      params: drf.object({ key: drf.string(), feature: rowId(), segment: rowId() }),
      responses: { 200: flagSchema },
    },
    async ({ access, params: { key, feature, segment }, audited }) => {
      const scope = await access.environment(key, NEEDS.segment_overrides);
      refuseDirectWrite(scope);
      return removeOverride(deps, audited, scope, { featureId: feature, segmentId: segment });
    },
  );
}
