/** Roles: permissions under a name, for people, groups and organisation keys. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";
import { permissionKeys, rolePermissionKeys } from "./permissions.ts";

const noTags = drf.field(z.array(z.int()), (value) =>
  Array.isArray(value) && value.length === 0 ? drf.accept([]) : drf.refuse("Tags are not supported here."),
);

const fields = {
  description: drf.string({ allowBlank: true, maxLength: 2000 }).nullish(),
  tags: noTags.optional(),
};

export const roleInput = drf.object({ name: drf.string({ maxLength: 255 }), ...fields });
export const rolePatch = drf.object({ name: drf.string({ maxLength: 255 }).optional(), ...fields });
export type RolePatch = z.output<typeof rolePatch>;

export const roleSchema = z.object({
  id: z.int(),
  name: z.string(),
  description: z.string().nullable(),
  organisation: z.int(),
  tags: z.array(z.never()).describe("Always empty."),
});

export const roleOrganisationInput = drf.object({ permissions: permissionKeys("organisation").optional() });
export const roleOrganisationSchema = z.object({ id: z.int(), role: z.int(), permissions: z.array(z.string()) });

export const roleProjectInput = drf.object({
  project: rowId(),
  permissions: rolePermissionKeys("project"),
  admin: drf.boolean().optional(),
});
export const roleProjectPatch = drf.object({
  project: rowId().optional(),
  permissions: rolePermissionKeys("project").optional(),
  admin: drf.boolean().optional(),
});

export const roleEnvironmentInput = drf.object({
  environment: rowId(),
  permissions: rolePermissionKeys("environment"),
  admin: drf.boolean().optional(),
});
export const roleEnvironmentPatch = drf.object({
  environment: rowId().optional(),
  permissions: rolePermissionKeys("environment").optional(),
  admin: drf.boolean().optional(),
});

const rolePermission = {
  id: z.int(),
  role: z.int(),
  permissions: z.array(z.object({ permission_key: z.string(), tags: z.array(z.never()) })),
  admin: z.boolean(),
};
export const roleProjectSchema = z.object({ ...rolePermission, project: z.int() });
export const roleEnvironmentSchema = z.object({ ...rolePermission, environment: z.int() });

export const roleUserInput = drf.object({ user: rowId() });
export const roleUserSchema = z.object({ id: z.int(), user: z.int(), role: z.int() });

export const roleGroupInput = drf.object({ group: rowId() });
export const roleGroupSchema = z.object({ id: z.int(), group: z.int(), role: z.int() });

export const roleKeyInput = drf.object({
  master_api_key: drf.string({ maxLength: 100 }).describe("The key's prefix."),
});
export const roleKeySchema = z.object({
  id: z.int(),
  master_api_key: z.string().describe("The key's prefix."),
  role: z.int(),
  role_name: z.string(),
});
