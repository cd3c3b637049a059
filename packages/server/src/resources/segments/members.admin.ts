/** Who is in a segment: an estimate for rules while they are edited, and the members one by one. */
import { drf } from "@burgee/contract";
import {
  memberLimits,
  membersQuery,
  membersSchema,
  rowId,
  type StoredRule,
  segmentPreviewInput,
  segmentPreviewQuery,
  segmentPreviewSchema,
  storeRules,
} from "@burgee/contract/admin";
import { findFaults } from "@burgee/engine";
import { createRuleMatcher } from "../../documents/match-rules.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import type { Search } from "../../search/search.ts";
import { findMembers } from "./find-members.ts";
import { type MatchDeps, needTraits } from "./matching-segments.ts";
import { findSegment } from "./segments.store.ts";

const tag = "segments";
const notFound = () => new AppError("not_found");

export interface MemberDeps extends MatchDeps {
  readonly search: Search;
}

export function mountSegmentMembers(api: AdminApi, { db, documents, search }: MemberDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/environments/{environment}/segment-preview/",
      summary:
        "About how many identities rules hold for, some of them, and what is wrong with the rules; nothing is stored",
      tag,
      params: drf.object({ environment: drf.string() }),
      query: segmentPreviewQuery,
      body: segmentPreviewInput,
      responses: { 200: segmentPreviewSchema },
    },
    async ({ access, params, query, body }) => {
      const scope = await needTraits(access, params.environment);
      const segmentId = query.segment ?? 0;
      if (segmentId && !(await findSegment(db.kysely, scope.project.id, segmentId))) {
        throw new AppError("invalid", { body: { segment: ["No such segment in this project."] } });
      }
      const rules = storeRules(body.rules);
      const wanted = { environmentId: scope.environment.id, rules: { segmentId, rules } };
      const { sample, count, total, percent, margin } = await search.estimateMatching(wanted);
      return {
        estimate: { count, total, percent, margin },
        sample: sample.slice(0, memberLimits.sample).map(({ identifier }) => ({ identifier })),
        warnings: findFaults(rules),
      };
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/projects/{project}/segments/{id}/members/",
      summary: "Identities of an environment that are in a segment, by identifier",
      tag,
      params: drf.object({ project: rowId(), id: rowId() }),
      query: membersQuery,
      responses: { 200: membersSchema },
    },
    async ({ access, params: { project, id }, query }) => {
      await access.project(project, "VIEW");
      const segment = await findSegment(db.kysely, project, id);
      if (!segment) throw notFound();
      const scope = await needTraits(access, query.environment);
      const environment = scope.project.id === project && (await documents.get(scope.environment.id));
      if (!environment) throw notFound();
      const rules = JSON.parse(segment.rules) as StoredRule[];
      const { members, next } = await findMembers(db.kysely, environment.id, {
        isMember: createRuleMatcher(environment, { segmentId: id, rules }),
        after: query.cursor ?? "",
        q: query.q,
        limit: query.limit ?? memberLimits.page,
      });
      const results = members.map(({ identifier, traits }) => ({
        identifier,
        identity_key: `${environment.apiKey}_${identifier}`,
        traits,
      }));
      return { results, next_cursor: next };
    },
  );
}
