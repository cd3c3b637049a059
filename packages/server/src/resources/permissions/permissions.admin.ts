/** Which permissions there are, and what somebody may do somewhere. */
import { drf } from "@burgee/contract";
import {
  detailedPermissionsSchema,
  ownPermissionsSchema,
  pageFields,
  pageSchema,
  permissionCatalogue,
  permissionSchema,
  rowId,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { effectivePermissions } from "./effective-permissions.ts";
import { mountGrants } from "./grants.admin.ts";
import { findRole } from "./permissions.store.ts";
import { type PermissionDeps, type PlaceKind, type PlaceParams, placeKinds } from "./places.ts";

const tag = "permissions";

export function mountPermissions(api: AdminApi, deps: PermissionDeps): void {
  mountCatalogues(api);
  mountGrants(api, deps);
  for (const kind of placeKinds) {
    mountOwn(api, kind);
    mountDetailed(api, deps, kind);
  }
  mountAll(api, deps);
}

function mountCatalogues(api: AdminApi): void {
  const listOf = (scope: keyof typeof permissionCatalogue) =>
    permissionCatalogue[scope].map(({ key, description }) => ({ key, description, supports_tag: false }));

  for (const scope of ["organisation", "project"] as const) {
    api.route(
      {
        method: "get",
        path: `/api/v1/${scope}s/permissions/`,
        summary: `The permissions that there are in ${scope}s`,
        tag,
        responses: { 200: z.array(permissionSchema) },
      },
      async () => listOf(scope),
    );
  }

  // Flagsmith documents this one in pages.
  api.route(
    {
      method: "get",
      path: "/api/v1/environments/permissions/",
      summary: "The permissions that there are in environments",
      tag,
      query: drf.object(pageFields),
      responses: { 200: pageSchema(permissionSchema) },
    },
    async ({ query, request }) => {
      const all = listOf("environment");
      const page = pageOf(query, 999);
      return answerPage(request, page, all.length, all.slice(page.offset, page.offset + page.limit));
    },
  );
}

function mountOwn(api: AdminApi, kind: PlaceKind): void {
  api.route(
    {
      method: "get",
      path: `${kind.path}my-permissions/`,
      summary: `What the caller may do in the ${kind.scope}`,
      tag,
      params: kind.params({}),
      responses: { 200: ownPermissionsSchema },
    },
    async ({ access, params }) => {
      const place = await kind.open(access, params, "VIEW");
      const { admin, permissions } = await access.permissionsOf(place.scope, place.id);
      return { permissions, admin, tag_based_permissions: [] };
    },
  );
}

/** One's own are everybody's to see, others' only an administrator's. */
const needFor = ({ caller }: Access, userId: number): string =>
  caller.kind === "user" && caller.id === userId ? "VIEW" : "ADMIN";

async function effective({ db }: PermissionDeps, kind: PlaceKind, access: Access, params: PlaceParams, userId: number) {
  const place = await kind.open(access, params, needFor(access, userId));
  const role = await findRole(db.kysely, place.organisationId, userId);
  if (role === undefined) throw new AppError("not_found");
  return effectivePermissions(db.kysely, place, userId, role);
}

function mountDetailed(api: AdminApi, deps: PermissionDeps, kind: PlaceKind): void {
  api.route(
    {
      method: "get",
      path: `${kind.path}user-detailed-permissions/{user}/`,
      summary: `What a member may do in the ${kind.scope}, and why`,
      tag,
      params: kind.params({ user: rowId() }),
      responses: { 200: detailedPermissionsSchema },
    },
    async ({ access, params }) => effective(deps, kind, access, params, params.user),
  );
}

function mountAll(api: AdminApi, deps: PermissionDeps): void {
  for (const kind of placeKinds.filter(({ scope }) => scope === "project")) {
    api.route(
      {
        method: "get",
        path: `${kind.path}all-user-permissions/{user}/`,
        summary: "What a member may do in the project, all in all",
        tag,
        params: kind.params({ user: rowId() }),
        responses: { 200: ownPermissionsSchema },
      },
      async ({ access, params }) => {
        const { admin, permissions } = await effective(deps, kind, access, params, params.user);
        return { admin, permissions: permissions.map((one) => one.permission_key), tag_based_permissions: [] };
      },
    );
  }
}
