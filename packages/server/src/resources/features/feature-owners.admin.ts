/** Who owns a feature, and how often it is evaluated. */

import { drf } from "@burgee/contract";
import {
  evaluationQuery,
  evaluationSchema,
  featureGroupOwnersInput,
  featureOwnersInput,
  ownedFeatureSchema,
  rowId,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access, ProjectScope } from "../../access/access.ts";
import { groupsAmong, membersAmong } from "../../access/among.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { type FeatureDeps, featureEntry } from "./feature-changes.ts";
import { type Database, findFeature } from "./features.store.ts";
import { evaluations } from "./lifecycle.store.ts";
import { DAY_MS } from "./lifecycle.ts";
import { addGroupOwners, addOwners, groupOwnersOf, ownersOf, removeGroupOwners, removeOwners } from "./owners.store.ts";
import { presentOwnedFeature } from "./present-feature.ts";

const ONE = "/api/v1/projects/{project}/features/{id}/";
const tag = "features";
const params = drf.object({ project: rowId(), id: rowId() });

const notFound = () => new AppError("not_found");

const readOwners = async (db: Database, id: number) => ({
  owners: (await ownersOf(db, [id])).get(id) ?? [],
  groupOwners: (await groupOwnersOf(db, [id])).get(id) ?? [],
});

type Write = (trx: Database, scope: ProjectScope, featureId: number) => Promise<void>;

async function addMembers(trx: Database, { project }: ProjectScope, id: number, userIds: readonly number[]) {
  const members = await membersAmong(trx, project.organisation_id, userIds);
  if (userIds.some((user) => !members.has(user))) throw badRequest(["Some users not found"]);
  await addOwners(trx, id, userIds);
}

async function addGroups(trx: Database, { project }: ProjectScope, id: number, groupIds: readonly number[]) {
  const known = await groupsAmong(trx, project.organisation_id, groupIds);
  if (groupIds.some((group) => !known.has(group))) throw badRequest(["Some groups not found"]);
  await addGroupOwners(trx, id, groupIds);
}

/** Owners change no answer to an SDK: no revision moves. */
async function changeOwners(
  { db, changes }: FeatureDeps,
  { access, audited }: { readonly access: Access; readonly audited: RequestInfo },
  { project, id }: { readonly project: number; readonly id: number },
  write: Write,
) {
  const scope = await access.project(project, "CREATE_FEATURE");
  const row = await findFeature(db.kysely, project, id);
  if (!row) throw notFound();
  await changes.commit(audited, async (trx) => {
    const before = await readOwners(trx, id);
    await write(trx, scope, id);
    const after = await readOwners(trx, id);
    const ids = ({ owners, groupOwners }: typeof before) => ({
      owners: owners.map((owner) => owner.id),
      group_owners: groupOwners.map((owner) => owner.id),
    });
    if (JSON.stringify(ids(before)) === JSON.stringify(ids(after))) return { result: undefined, entries: [] };
    const made = { action: "UPDATE" as const, before: ids(before), after: ids(after) };
    return { result: undefined, entries: [featureEntry(scope.project, row, made)] };
  });
  return presentOwnedFeature(row, await readOwners(db.kysely, id));
}

export function mountFeatureOwners(api: AdminApi, deps: FeatureDeps): void {
  const people = [
    { action: "add", summary: "Add owners", write: addMembers },
    {
      action: "remove",
      summary: "Remove owners",
      write: (trx: Database, _scope: ProjectScope, id: number, ids: readonly number[]) => removeOwners(trx, id, ids),
    },
  ];
  for (const { action, summary, write } of people) {
    api.route(
      {
        method: "post",
        path: `${ONE}${action}-owners/`,
        summary,
        tag,
        params,
        body: featureOwnersInput,
        responses: { 200: ownedFeatureSchema },
      },
      async ({ access, audited, params: place, body }) =>
        changeOwners(deps, { access, audited }, place, (trx, scope, id) => write(trx, scope, id, body.user_ids)),
    );
  }

  const groups = [
    { action: "add", summary: "Add groups of owners", write: addGroups },
    {
      action: "remove",
      summary: "Remove groups of owners",
      write: (trx: Database, _scope: ProjectScope, id: number, ids: readonly number[]) =>
        removeGroupOwners(trx, id, ids),
    },
  ];
  for (const { action, summary, write } of groups) {
    api.route(
      {
        method: "post",
        path: `${ONE}${action}-group-owners/`,
        summary,
        tag,
        params,
        body: featureGroupOwnersInput,
        responses: { 200: ownedFeatureSchema },
      },
      async ({ access, audited, params: place, body }) =>
        changeOwners(deps, { access, audited }, place, (trx, scope, id) => write(trx, scope, id, body.group_ids)),
    );
  }

  mountEvaluations(api, deps);
}

function mountEvaluations(api: AdminApi, { db, now }: FeatureDeps): void {
  api.route(
    {
      method: "get",
      path: `${ONE}evaluation-data/`,
      summary: "How often a feature was evaluated, a day and SDK",
      tag,
      params,
      query: evaluationQuery,
      responses: { 200: z.array(evaluationSchema) },
    },
    async ({ access, params: { project, id }, query }) => {
      await access.project(project, "VIEW");
      const { environment } = await access.environment(query.environment_id, "VIEW");
      if (environment.project_id !== project || !(await findFeature(db.kysely, project, id))) throw notFound();
      const since = Math.floor(now() / DAY_MS) - (query.period ?? 30) + 1;
      const rows = await evaluations(db.kysely, environment.id, id, since, query.user_agent);
      return rows.map(({ day, sdk, count }) => ({
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        count,
        labels: { client_application_name: null, client_application_version: null, user_agent: sdk || null },
      }));
    },
  );
}
