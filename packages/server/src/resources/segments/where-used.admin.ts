/** Where a segment is used: what would change for its members if it went. */
import { drf } from "@burgee/contract";
import { rowId, whereUsedSchema } from "@burgee/contract/admin";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import type { SegmentDeps } from "./segment-changes.ts";
import { findSegment } from "./segments.store.ts";
import { listOverridesOf } from "./where-used.store.ts";

/** More overrides than this one segment has only where something else is wrong. */
const MOST = 5000;

export function mountWhereUsed(api: AdminApi, { db }: Pick<SegmentDeps, "db">): void {
  api.route(
    {
      method: "get",
      path: "/api/v1/projects/{project}/segments/{id}/where-used/",
      summary: "Overrides that stand because of a segment, in the environments that the caller may see",
      tag: "segments",
      params: drf.object({ project: rowId(), id: rowId() }),
      responses: { 200: whereUsedSchema },
    },
    async ({ access, params: { project: projectId, id } }) => {
      const { project } = await access.project(projectId, "VIEW");
      if (!(await findSegment(db.kysely, projectId, id))) throw new AppError("not_found");
      const seen = (await access.visibleEnvironments(project)).map((environment) => environment.id);
      const rows = await listOverridesOf(db.kysely, id, seen, MOST);
      const results = rows.map((row) => ({
        feature: { id: row.feature_id, name: row.feature_name },
        environment: { id: row.environment_id, name: row.environment_name, api_key: row.api_key },
        enabled: Boolean(row.enabled),
        value: JSON.parse(row.value) as unknown,
        priority: row.priority,
        feature_state: row.state_id,
        feature_segment: row.feature_segment_id,
      }));
      return { results, total: results.length };
    },
  );
}
