/** What is done to environments, each as one commit. */

import type { EnvironmentPatch } from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { deleteScopeGrants, grantCreator } from "../../access/grants.ts";
import { randomSecret } from "../../access/secrets.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { insertDefaultStates, insertStates } from "../../db/default-states.ts";
import { differing, flag, isEmpty } from "../../db/differing.ts";
import { lockProject } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { endEnvironments } from "../../jobs/end-environments.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import { copyFeatureSegments, readStates } from "./clone.store.ts";
import {
  type Database,
  deleteEnvironment,
  type EnvironmentColumns,
  type EnvironmentRow,
  findByKey,
  findByName,
  findEnvironment,
  insertEnvironment,
  updateEnvironment,
} from "./environments.store.ts";
import { auditedEnvironment } from "./present-environment.ts";

export interface EnvironmentDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly jobs: Jobs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type ProjectRow = EnvironmentScope["project"];

/** Who asks, and how the audit log shall name the request. */
export interface Asked {
  readonly access: Access;
  readonly audited: RequestInfo;
}

const columnsOf = (body: EnvironmentPatch) => ({
  name: body.name,
  api_key: body.api_key,
  description: body.description,
  allow_client_traits: flag(body.allow_client_traits),
  hide_disabled_flags: body.hide_disabled_flags === null ? null : flag(body.hide_disabled_flags),
  hide_sensitive_data: flag(body.hide_sensitive_data),
  use_identity_composite_key_for_hashing: flag(body.use_identity_composite_key_for_hashing),
  use_identity_overrides_in_local_eval: flag(body.use_identity_overrides_in_local_eval),
  minimum_change_request_approvals: body.minimum_change_request_approvals,
  identity_retention_days: body.identity_retention_days,
  banner_text: body.banner_text,
  banner_colour: body.banner_colour,
});

const entryOf = (
  action: AuditEntry["action"],
  log: string,
  project: ProjectRow,
  [before, after]: readonly [EnvironmentRow | null, EnvironmentRow | null],
): AuditEntry => {
  const id = (after ?? before)?.id ?? 0;
  return {
    action,
    objectType: "environment",
    objectId: String(id),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: id,
    log,
    before: before && auditedEnvironment(before),
    after: after && auditedEnvironment(after),
  };
};

/** A client-side key: 22 characters, as many as Flagsmith's. */
const newKey = (): string => randomSecret(16);

async function refuseTaken(db: Database, projectId: number, { name, api_key }: EnvironmentColumns): Promise<void> {
  if (name !== undefined && (await findByName(db, projectId, name))) {
    throw badRequest({ non_field_errors: ["An environment with this name already exists."] });
  }
  if (api_key !== undefined && (await findByKey(db, api_key))) {
    throw badRequest({ api_key: ["environment with this api key already exists."] });
  }
}

async function becomeAdministrator(db: Database, { access }: Asked, scope: EnvironmentScope): Promise<void> {
  if (await access.mayInEnvironment(scope, "ADMIN")) return;
  await grantCreator(db, access.caller, "environment", scope.environment.id);
}

export const createEnvironment = (
  { db, changes, now }: EnvironmentDeps,
  asked: Asked,
  project: ProjectRow,
  body: EnvironmentPatch & { readonly name: string },
): Promise<EnvironmentRow> =>
  changes.commit(asked.audited, async (trx) => {
    // A feature that is created meanwhile would else miss this environment, and this environment the feature.
    await lockProject(db, trx, project.id);
    const columns = differing<EnvironmentColumns>({}, columnsOf(body));
    await refuseTaken(trx, project.id, columns);
    const named = { api_key: newKey(), ...columns, name: body.name, project_id: project.id };
    const row = await insertEnvironment(trx, named, now());
    const preventFlagDefaults = project.prevent_flag_defaults === 1;
    await insertDefaultStates(trx, { environmentId: row.id, projectId: project.id, preventFlagDefaults }, now());
    await becomeAdministrator(trx, asked, { project, environment: row });
    const entries = [entryOf("CREATE", `New Environment created: ${row.name}`, project, [null, row])];
    return { result: row, entries, environments: [row.id] };
  });

/** Settings, states, segment overrides and weights; neither keys nor identities. Its states hash by seeds of their own. */
export const cloneEnvironment = (
  { db, changes, now }: EnvironmentDeps,
  asked: Asked,
  { project, environment: source }: EnvironmentScope,
  name: string,
): Promise<EnvironmentRow> =>
  changes.commit(asked.audited, async (trx) => {
    await lockProject(db, trx, project.id);
    await refuseTaken(trx, project.id, { name });
    const {
      id,
      uuid: _uuid,
      api_key: _key,
      revision: _revision,
      updated_at: _updated,
      created_at: _created,
      ...rest
    } = source;
    const columns = { ...rest, name, api_key: newKey(), first_evaluated_at: null, first_evaluated_sdk: null };
    const row = await insertEnvironment(trx, columns, now());
    const featureSegments = await copyFeatureSegments(trx, id, row.id);
    await insertStates(trx, await readStates(trx, id, row.id, featureSegments), now());
    await becomeAdministrator(trx, asked, { project, environment: row });
    const log = `New Environment created: ${row.name}, as a clone of ${source.name}`;
    return { result: row, entries: [entryOf("CREATE", log, project, [null, row])], environments: [row.id] };
  });

export const updateSettings = (
  { changes }: EnvironmentDeps,
  { audited }: Asked,
  { project, environment }: EnvironmentScope,
  body: EnvironmentPatch,
): Promise<EnvironmentRow> =>
  changes.commit(audited, async (trx) => {
    const before = await findEnvironment(trx, environment.id);
    if (!before) throw new AppError("not_found");
    const columns = differing(before, columnsOf(body));
    if (isEmpty(columns)) return { result: before, entries: [] };
    await refuseTaken(trx, project.id, columns);
    const after = await updateEnvironment(trx, before.id, columns);
    const entries = [entryOf("UPDATE", `Environment updated: ${after.name}`, project, [before, after])];
    return { result: after, entries, environments: [after.id] };
  });

export const removeEnvironment = (
  { changes, jobs, now }: EnvironmentDeps,
  { access, audited }: Asked,
  { project, environment }: EnvironmentScope,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    await deleteScopeGrants(trx, "environment", [environment.id]);
    const asker = askerOf(access.caller, audited);
    const ending = { organisationId: project.organisation_id, asker, now: now() };
    const isBuried = await endEnvironments(jobs, trx, [environment.id], ending);
    if (!isBuried.has(environment.id)) await deleteEnvironment(trx, environment.id);
    const entries = [entryOf("DELETE", `Environment deleted: ${environment.name}`, project, [environment, null])];
    return { result: undefined, entries, environments: [environment.id] };
  });
