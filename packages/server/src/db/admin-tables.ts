/** Rows of people, keys, permissions and what else only the admin side knows. Same spelling rules as tables.ts. */
import type { Generated } from "kysely";
import type { Flag, Json, Millis } from "./tables.ts";

export type Role = "ADMIN" | "USER";

/** People. Passwords, sessions, two-factor and passkeys are better-auth's, in account-tables.ts. */
export interface UsersTable {
  id: Generated<number>;
  uuid: string;
  email: string;
  first_name: string;
  last_name: string;
  /** "NO_INVITE", "INVITE_EMAIL" or "INVITE_LINK". */
  sign_up_type: string | null;
  is_active: Flag;
  created_at: Millis;
  last_login_at: Millis | null;
  email_verified: Generated<Flag>;
  image: string | null;
  two_factor_enabled: Generated<Flag>;
  updated_at: Generated<Millis>;
}

/** `Authorization: Token …`. The text is shown once, at login; only its SHA-256 is kept. */
export interface UserTokensTable {
  id: Generated<number>;
  user_id: number;
  hash: string;
  created_at: Millis;
  last_used_at: Millis | null;
  expires_at: Millis | null;
}

export interface OrganisationMembersTable {
  organisation_id: number;
  user_id: number;
  role: Role;
  joined_at: Millis;
}

export interface InvitesTable {
  id: Generated<number>;
  organisation_id: number;
  email: string;
  hash: string;
  role: Role;
  /** JSON list of group ids. */
  permission_groups: Json;
  invited_by: number | null;
  created_at: Millis;
}

export interface InviteLinksTable {
  id: Generated<number>;
  organisation_id: number;
  hash: string;
  role: Role;
  created_at: Millis;
  expires_at: Millis | null;
}

/** Groups of people (Flagsmith: user permission groups). */
export interface GroupsTable {
  id: Generated<number>;
  organisation_id: number;
  name: string;
  is_default: Flag;
  external_id: string | null;
}

export interface GroupMembersTable {
  group_id: number;
  user_id: number;
  group_admin: Flag;
}

export interface RolesTable {
  id: Generated<number>;
  organisation_id: number;
  name: string;
  description: string | null;
}

export type SubjectType = "user" | "group" | "key";

/** Who has a role. */
export interface RoleMembersTable {
  id: Generated<number>;
  role_id: number;
  subject_type: SubjectType;
  subject_id: number;
}

/** What a person, a group, a role or a key may do somewhere. One row per subject and place. */
export interface PermissionGrantsTable {
  id: Generated<number>;
  subject_type: SubjectType | "role";
  subject_id: number;
  scope_type: "organisation" | "project" | "environment";
  scope_id: number;
  /** JSON list of permission keys. */
  permissions: Json;
  /** Everything at this place and below. */
  is_admin: Flag;
}

/** `Authorization: Api-Key PREFIX.SECRET`. Shown once, at creation; only its SHA-256 is kept. */
export interface OrganisationKeysTable {
  id: Generated<number>;
  organisation_id: number;
  prefix: string;
  hash: string;
  name: string;
  /** May do everything in its organisation; otherwise its grants and roles decide. */
  is_admin: Flag;
  created_by: number | null;
  created_at: Millis;
  expires_at: Millis | null;
  revoked: Flag;
  last_used_at: Millis | null;
}

export interface TagsTable {
  id: Generated<number>;
  uuid: string;
  project_id: number;
  label: string;
  color: string;
  description: string | null;
  is_permanent: Flag;
  is_system_tag: Flag;
  type: string;
}

export interface FeatureTagsTable {
  feature_id: number;
  tag_id: number;
}

export interface FeatureOwnersTable {
  feature_id: number;
  user_id: number;
}

export interface FeatureGroupOwnersTable {
  feature_id: number;
  group_id: number;
}

export interface AdminTables {
  users: UsersTable;
  user_tokens: UserTokensTable;
  organisation_members: OrganisationMembersTable;
  invites: InvitesTable;
  invite_links: InviteLinksTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  roles: RolesTable;
  role_members: RoleMembersTable;
  permission_grants: PermissionGrantsTable;
  organisation_keys: OrganisationKeysTable;
  tags: TagsTable;
  feature_tags: FeatureTagsTable;
  feature_owners: FeatureOwnersTable;
  feature_group_owners: FeatureGroupOwnersTable;
}
