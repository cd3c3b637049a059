/** What an environment's retention would delete, before it is switched on. */
import { drf } from "@burgee/contract";
import { retentionPreviewQuery, retentionPreviewSchema } from "@burgee/contract/admin";
import type { AdminApi } from "../../http/admin-door.ts";
import type { IdentityJobDeps } from "./job-batches.ts";
import { MAY_VIEW, scopeFor } from "./may.ts";
import { countUnseen } from "./retention.store.ts";
import { firstDayKept } from "./retention.ts";

const DAY_MS = 86_400_000;

export function mountRetention(api: AdminApi, { db, now }: IdentityJobDeps): void {
  api.route(
    {
      method: "get",
      path: "/api/v1/environments/{key}/retention-preview/",
      summary: "How many identities were not seen for so many days",
      tag: "jobs",
      params: drf.object({ key: drf.string() }),
      query: retentionPreviewQuery,
      responses: { 200: retentionPreviewSchema },
    },
    async ({ access, params, query }) => {
      const { environment } = await scopeFor(access, params.key, MAY_VIEW);
      const { unseen, total, oldest } = await countUnseen(db.kysely, environment.id, firstDayKept(now(), query.days));
      return {
        would_delete: unseen,
        total,
        oldest_last_seen: oldest === null ? null : new Date(oldest * DAY_MS).toISOString().slice(0, 10),
      };
    },
  );
}
