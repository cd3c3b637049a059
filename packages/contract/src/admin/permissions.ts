/** Every permission there is, by the place where it is held, and how the admin side speaks of who holds them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { pythonText } from "../python/python-text.ts";
import { noSuchRow, rowId } from "./fields.ts";
import { listedPersonSchema } from "./people.ts";

export interface Permission {
  readonly key: string;
  readonly description: string;
}

export const organisationPermissions = [
  { key: "CREATE_PROJECT", description: "Create projects in this organisation." },
  { key: "MANAGE_USER_GROUPS", description: "Make groups, and change who is in them." },
] as const satisfies readonly Permission[];

export const projectPermissions = [
  { key: "VIEW_PROJECT", description: "See the project." },
  { key: "CREATE_ENVIRONMENT", description: "Create environments in the project." },
  { key: "CREATE_FEATURE", description: "Create features in the project." },
  { key: "DELETE_FEATURE", description: "Delete features of the project." },
  { key: "MANAGE_SEGMENTS", description: "Create, change and delete segments of the project." },
  { key: "VIEW_AUDIT_LOG", description: "Read the project's audit log." },
  { key: "MANAGE_TAGS", description: "Create, change and delete tags of the project." },
  { key: "CREATE_PROJECT_LEVEL_CHANGE_REQUESTS", description: "Propose changes of what all environments share." },
  {
    key: "APPROVE_PROJECT_LEVEL_CHANGE_REQUESTS",
    description: "Approve proposed changes of what all environments share.",
  },
  { key: "MANAGE_PROJECT_LEVEL_CHANGE_REQUESTS", description: "Publish and delete proposed changes of the project." },
] as const satisfies readonly Permission[];

export const environmentPermissions = [
  { key: "VIEW_ENVIRONMENT", description: "See the environment." },
  {
    key: "UPDATE_FEATURE_STATE",
    description: "Switch features and change their values, for everyone and for identities.",
  },
  { key: "MANAGE_SEGMENT_OVERRIDES", description: "Switch features and change their values for segments." },
  { key: "VIEW_IDENTITIES", description: "See identities, their traits and their overrides." },
  { key: "MANAGE_IDENTITIES", description: "Create, change and delete identities and their traits." },
  { key: "CREATE_CHANGE_REQUEST", description: "Propose changes of feature states." },
  { key: "APPROVE_CHANGE_REQUEST", description: "Approve proposed changes of feature states." },
  { key: "VIEW_TRAITS", description: "See the traits of identities." },
  { key: "MANAGE_TRAITS", description: "Change the traits of identities, and nothing else of them." },
  { key: "MANAGE_IDENTITY_OVERRIDES", description: "Override features for identities, and for nobody else." },
  { key: "DELETE_IDENTITIES", description: "Delete identities." },
] as const satisfies readonly Permission[];

export type PermissionScope = "organisation" | "project" | "environment";

export const permissionCatalogue: Readonly<Record<PermissionScope, readonly Permission[]>> = {
  organisation: organisationPermissions,
  project: projectPermissions,
  environment: environmentPermissions,
};

export const permissionSchema = z.object({
  key: z.string(),
  description: z.string(),
  supports_tag: z.boolean().describe("Always false: a permission holds for everything at its place."),
});

function permissionKey(scope: PermissionScope): drf.Field<string> {
  const keys = permissionCatalogue[scope].map(({ key }) => key);
  return drf.field(z.enum(keys), (value) =>
    typeof value === "string" && keys.includes(value) ? drf.accept(value) : drf.refuse(noSuchRow(pythonText(value))),
  );
}

/** A list of this place's permissions. */
export const permissionKeys = (scope: PermissionScope) => drf.list(permissionKey(scope), { maxLength: 100 });

const grantFields = (scope: PermissionScope) => ({
  permissions: permissionKeys(scope).optional().describe("Keys; see the catalogue of this place."),
  ...(scope === "organisation" ? {} : { admin: drf.boolean().optional().describe("May do everything here.") }),
});

/** What a person or a group is given at a place. The compiler knows nothing of a key that is computed, so its type is said. */
export const grantInput = (scope: PermissionScope, subject: "user" | "group") =>
  drf.object({ [subject]: rowId(), ...grantFields(scope) }) as unknown as z.ZodType<GrantInput>;

export const grantPatch = (scope: PermissionScope, subject: "user" | "group") =>
  drf.object({ [subject]: rowId().optional(), ...grantFields(scope) }) as unknown as z.ZodType<GrantInput>;

export interface GrantInput {
  readonly user?: number | undefined;
  readonly group?: number | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly admin?: boolean | undefined;
}

const held = { permissions: z.array(z.string()), admin: z.boolean().optional() };

export const grantSchema = z.object({
  id: z.int(),
  user: z.int().optional(),
  group: z.int().optional(),
  ...held,
});

const listedGroup = z.object({
  id: z.int(),
  name: z.string(),
  users: z
    .array(z.union([z.int(), listedPersonSchema.extend({ group_admin: z.boolean() })]))
    .describe("Ids; at environments, people."),
  is_default: z.boolean(),
  external_id: z.string().nullable(),
});

export const listedGrantSchema = z.object({
  id: z.int(),
  user: listedPersonSchema.optional(),
  group: listedGroup.optional(),
  ...held,
});

export const ownPermissionsSchema = z.object({
  permissions: z.array(z.string()),
  admin: z.boolean().describe("May do everything here; the list is empty then."),
  tag_based_permissions: z.array(z.never()).describe("Always empty."),
});

const derivedFromSchema = z.object({
  groups: z.array(z.object({ id: z.int(), name: z.string() })),
  roles: z.array(z.object({ id: z.int(), name: z.string(), tags: z.array(z.never()) })),
});

export const detailedPermissionsSchema = z.object({
  admin: z.boolean(),
  is_directly_granted: z
    .boolean()
    .describe("Whether being administrator is the person's own, not a group's or a role's."),
  derived_from: derivedFromSchema,
  permissions: z.array(
    z.object({ permission_key: z.string(), is_directly_granted: z.boolean(), derived_from: derivedFromSchema }),
  ),
});

const noTags = drf.field(z.array(z.int()), (value) =>
  Array.isArray(value) && value.length === 0
    ? drf.accept([])
    : drf.refuse("A permission holds for everything at its place: tags are not supported here."),
);

/** Of a role at a project or an environment. Tags would narrow a permission; that is not offered, so naming any is refused. */
export const rolePermissionKeys = (scope: PermissionScope) =>
  drf.many(drf.object({ permission_key: permissionKey(scope), tags: noTags.optional() }), { maxLength: 100 });
