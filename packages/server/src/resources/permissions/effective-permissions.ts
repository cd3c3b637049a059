/** What a person may do at a place, and why: by itself, by a group, by a role, or as an administrator of what lies above. */
import type { Kysely } from "kysely";
import type { GrantRow } from "../../access/grants.ts";
import type { Role, Tables } from "../../db/tables.ts";
import { grantsOf, type NamedSubject, subjectsOf } from "./permissions.store.ts";
import type { Place } from "./places.ts";

interface Source {
  readonly is_directly_granted: boolean;
  readonly derived_from: {
    readonly groups: readonly { readonly id: number; readonly name: string }[];
    readonly roles: readonly { readonly id: number; readonly name: string; readonly tags: readonly never[] }[];
  };
}

export interface EffectivePermissions extends Source {
  readonly admin: boolean;
  readonly permissions: readonly ({ readonly permission_key: string } & Source)[];
}

function sourceOf(subjects: readonly NamedSubject[], rows: readonly GrantRow[]): Source {
  const giving = subjects.filter(({ type, id }) =>
    rows.some((row) => row.subject_type === type && row.subject_id === id),
  );
  const named = (type: NamedSubject["type"]) =>
    giving.filter((subject) => subject.type === type).map(({ id, name }) => ({ id, name }));
  return {
    is_directly_granted: giving.some((subject) => subject.type === "user"),
    derived_from: { groups: named("group"), roles: named("role").map((role) => ({ ...role, tags: [] })) },
  };
}

export async function effectivePermissions(
  db: Kysely<Tables>,
  place: Place,
  userId: number,
  role: Role,
): Promise<EffectivePermissions> {
  const subjects = await subjectsOf(db, place.organisationId, userId);
  const above = place.scope === "environment" ? [{ scope: "project" as const, id: place.projectId ?? 0 }] : [];
  const rows = await grantsOf(db, subjects, [place, ...above]);
  const own = rows.filter((row) => row.scope_type === place.scope && row.scope_id === place.id);
  const admins = rows.filter((row) => row.is_admin === 1);
  const keys = new Set(own.flatMap((row) => JSON.parse(row.permissions) as string[]));
  const source = sourceOf(subjects, admins);
  return {
    admin: role === "ADMIN" || admins.length > 0,
    ...source,
    is_directly_granted: role === "ADMIN" || source.is_directly_granted,
    permissions: [...keys].sort().map((key) => ({
      permission_key: key,
      ...sourceOf(
        subjects,
        own.filter((row) => (JSON.parse(row.permissions) as string[]).includes(key)),
      ),
    })),
  };
}
