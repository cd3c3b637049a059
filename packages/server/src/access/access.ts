/**
 * May this caller do this here? What a caller may not even see is "not found", what it sees and may not do is "forbidden".
 * An organisation's admin may do everything in it, a project's admin everything in the project, an environment's likewise.
 */
import type { Kysely, Selectable } from "kysely";
import type { EnvironmentsTable, OrganisationsTable, ProjectsTable, Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";
import { type Caller, type Grants, readGrants, type ScopeType, scopeKey } from "./caller.ts";

export type OrganisationRow = Selectable<OrganisationsTable>;
export type ProjectRow = Selectable<ProjectsTable>;
export type EnvironmentRow = Selectable<EnvironmentsTable>;

/** A permission's key, "ADMIN" for those who may do everything there, or "VIEW" for whoever may see it. */
export type Need = string;

export interface ProjectScope {
  readonly project: ProjectRow;
}

export interface EnvironmentScope extends ProjectScope {
  readonly environment: EnvironmentRow;
}

export interface Permissions {
  readonly admin: boolean;
  readonly permissions: readonly string[];
}

/** One request's answers; grants are read when first needed. */
export interface Access {
  readonly caller: Caller;
  /** "VIEW" = any member. */
  organisation(id: number, need: Need): Promise<OrganisationRow>;
  project(id: number, need: Need): Promise<ProjectScope>;
  /** By client-side key, as the admin paths name environments, or by id. */
  environment(keyOrId: string | number, need: Need): Promise<EnvironmentScope>;
  /** Whether it may, without the error. */
  mayInProject(project: ProjectRow, need: Need): Promise<boolean>;
  mayInEnvironment(scope: EnvironmentScope, need: Need): Promise<boolean>;
  mayInOrganisation(organisationId: number, need: Need): Promise<boolean>;
  /** What it may do there; for the my-permissions routes. */
  permissionsOf(type: ScopeType, id: number): Promise<Permissions>;
  /** Those of the organisation (or of all) that it may see, by name. */
  visibleProjects(organisationId?: number): Promise<ProjectRow[]>;
  visibleEnvironments(project: ProjectRow): Promise<EnvironmentRow[]>;
}

const VIEW: Readonly<Record<ScopeType, string>> = {
  organisation: "VIEW",
  project: "VIEW_PROJECT",
  environment: "VIEW_ENVIRONMENT",
};

const notFound = () => new AppError("not_found");
const forbidden = () => new AppError("forbidden");
const closed = () =>
  new AppError("forbidden", { detail: "This organisation requires two-factor authentication. Set it up first." });

/** Holding anything at a place shows that place. */
function holds(grants: Grants, type: ScopeType, id: number, need: Need): boolean {
  const grant = grants.get(scopeKey(type, id));
  if (!grant) return false;
  if (grant.isAdmin) return true;
  if (need === "VIEW" || need === VIEW[type]) return grant.permissions.size > 0;
  return grant.permissions.has(need);
}

export function createAccess(db: Kysely<Tables>, caller: Caller): Access {
  let grants: Promise<Grants> | undefined;
  const granted = (): Promise<Grants> => {
    grants ??= readGrants(db, caller);
    return grants;
  };
  const isOrganisationAdmin = (id: number): boolean => caller.organisations.get(id) === "ADMIN";

  const mayInOrganisation = async (id: number, need: Need): Promise<boolean> => {
    if (!caller.organisations.has(id)) return false;
    if (need === "VIEW" || isOrganisationAdmin(id)) return true;
    return holds(await granted(), "organisation", id, need);
  };

  const mayInProject = async (project: ProjectRow, need: Need): Promise<boolean> => {
    if (!caller.organisations.has(project.organisation_id)) return false;
    if (isOrganisationAdmin(project.organisation_id)) return true;
    return holds(await granted(), "project", project.id, need);
  };

  const mayInEnvironment = async ({ project, environment }: EnvironmentScope, need: Need): Promise<boolean> => {
    if (!caller.organisations.has(project.organisation_id)) return false;
    if (isOrganisationAdmin(project.organisation_id)) return true;
    const held = await granted();
    return (
      held.get(scopeKey("project", project.id))?.isAdmin === true || holds(held, "environment", environment.id, need)
    );
  };

  const findProject = (id: number) => db.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirst();

  const findEnvironment = (keyOrId: string | number) =>
    db
      .selectFrom("environments")
      .selectAll()
      .where(typeof keyOrId === "number" ? "id" : "api_key", "=", keyOrId)
      .executeTakeFirst();

  const project = async (id: number, need: Need): Promise<ProjectScope> => {
    const row = Number.isSafeInteger(id) ? await findProject(id) : undefined;
    if (row && caller.closed?.has(row.organisation_id)) throw closed();
    if (!row || !(await mayInProject(row, "VIEW"))) throw notFound();
    if (!(await mayInProject(row, need))) throw forbidden();
    return { project: row };
  };

  const permissionsOf = async (type: ScopeType, id: number): Promise<Permissions> => {
    const grant = (await granted()).get(scopeKey(type, id));
    return { admin: grant?.isAdmin === true, permissions: [...(grant?.permissions ?? [])].sort() };
  };

  return {
    caller,
    mayInOrganisation,
    mayInProject,
    mayInEnvironment,
    project,
    organisation: async (id, need) => {
      if (caller.closed?.has(id)) throw closed();
      const row = caller.organisations.has(id)
        ? await db.selectFrom("organisations").selectAll().where("id", "=", id).executeTakeFirst()
        : undefined;
      if (!row) throw notFound();
      if (!(await mayInOrganisation(id, need))) throw forbidden();
      return row;
    },
    environment: async (keyOrId, need) => {
      const environment = await findEnvironment(keyOrId);
      const owner = environment && (await findProject(environment.project_id));
      if (!environment || !owner) throw notFound();
      const scope = { project: owner, environment };
      if (caller.closed?.has(owner.organisation_id)) throw closed();
      if (!(await mayInEnvironment(scope, "VIEW"))) throw notFound();
      if (!(await mayInEnvironment(scope, need))) throw forbidden();
      return scope;
    },
    permissionsOf: async (type, id) => {
      if (type === "organisation") {
        return isOrganisationAdmin(id) ? { admin: true, permissions: [] } : permissionsOf(type, id);
      }
      const environment = type === "environment" ? await findEnvironment(id) : undefined;
      const owner = await findProject(environment?.project_id ?? id);
      if (owner && (await mayInProject(owner, "ADMIN"))) return { admin: true, permissions: [] };
      return permissionsOf(type, id);
    },
    visibleProjects: async (organisationId) => {
      const ids = [...caller.organisations.keys()].filter(
        (id) => organisationId === undefined || id === organisationId,
      );
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom("projects")
        .selectAll()
        .where("organisation_id", "in", ids)
        .orderBy("name")
        .execute();
      const seen = await Promise.all(rows.map((row) => mayInProject(row, "VIEW")));
      return rows.filter((_row, i) => seen[i]);
    },
    visibleEnvironments: async (owner) => {
      const rows = await db
        .selectFrom("environments")
        .selectAll()
        .where("project_id", "=", owner.id)
        .orderBy("id")
        .execute();
      const seen = await Promise.all(
        rows.map((environment) => mayInEnvironment({ project: owner, environment }, "VIEW")),
      );
      return rows.filter((_row, i) => seen[i]);
    },
  };
}
