/** The three places where permissions are held, with their paths. */
import { drf } from "@burgee/contract";
import { rowId } from "@burgee/contract/admin";
import type { z } from "zod";
import type { Access, Need } from "../../access/access.ts";
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import type { GrantPlace, Scope } from "./permissions.store.ts";

export interface PermissionDeps {
  readonly db: Db;
  readonly changes: Changes;
}

export interface Place extends GrantPlace {
  readonly name: string;
  readonly organisationId: number;
  readonly projectId: number | null;
  readonly environmentId: number | null;
}

export interface PlaceKind {
  readonly scope: Scope;
  /** "/api/v1/projects/{project}/". */
  readonly path: string;
  /** Of the path above, and of what may follow it. */
  params<More extends z.ZodRawShape>(more: More): z.ZodType<PlaceParams & z.output<z.ZodObject<More>>>;
  open(access: Access, params: PlaceParams, need: Need): Promise<Place>;
}

/** With the place under its own noun. */
export type PlaceParams = { readonly [Noun in Scope]?: string | number };

/** The types of the keys are known to those who add them only. */
function placeParams<More extends z.ZodRawShape>(noun: Scope, field: z.ZodType<string | number>, more: More) {
  return drf.object({ [noun]: field, ...more }) as unknown as z.ZodType<PlaceParams & z.output<z.ZodObject<More>>>;
}

export const placeKinds: readonly PlaceKind[] = [
  {
    scope: "organisation",
    path: "/api/v1/organisations/{organisation}/",
    params: (more) => placeParams("organisation", rowId(), more),
    open: async (access, params, need) => {
      const { id, name } = await access.organisation(Number(params.organisation), need);
      return { scope: "organisation", id, name, organisationId: id, projectId: null, environmentId: null };
    },
  },
  {
    scope: "project",
    path: "/api/v1/projects/{project}/",
    params: (more) => placeParams("project", rowId(), more),
    open: async (access, params, need) => {
      const { id, name, organisation_id } = (await access.project(Number(params.project), need)).project;
      return { scope: "project", id, name, organisationId: organisation_id, projectId: id, environmentId: null };
    },
  },
  {
    scope: "environment",
    path: "/api/v1/environments/{environment}/",
    params: (more) => placeParams("environment", drf.string(), more),
    open: async (access, params, need) => {
      const { project, environment } = await access.environment(String(params.environment), need);
      const { id, name } = environment;
      return {
        ...{ scope: "environment" as const, id, name, organisationId: project.organisation_id },
        ...{ projectId: project.id, environmentId: id },
      };
    },
  },
];
