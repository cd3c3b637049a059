/** Which segments an identity is in, found out on the spot. */
import { matchSegments } from "@burgee/engine";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { Db } from "../../db/database.ts";
import type { Documents } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import { readTraits } from "./read-traits.ts";
import { findIdentity } from "./segments.store.ts";

export interface MatchDeps {
  readonly db: Db;
  readonly documents: Documents;
}

/** Membership tells of traits: it takes the right to see them. */
const NEEDS = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"];

/** Throws unless the caller may know what traits its identities have. */
export async function needTraits(access: Access, environment: number | string): Promise<EnvironmentScope> {
  const scope = await access.environment(environment, "VIEW");
  for (const need of NEEDS) if (await access.mayInEnvironment(scope, need)) return scope;
  throw new AppError("forbidden");
}

/** Ids of the segments; none for an identity that the project does not know. */
export async function segmentsOfIdentity(
  { db, documents }: MatchDeps,
  access: Access,
  projectId: number,
  identity: string,
): Promise<number[]> {
  const found = /^\d{1,15}$/.test(identity) ? await findIdentity(db.kysely, projectId, Number(identity)) : undefined;
  if (!found) return [];
  await needTraits(access, found.environment_id);
  const environment = await documents.get(found.environment_id);
  if (!environment) return [];
  const key = environment.compositeHashKey ? {} : { key: String(found.id) };
  const subject = { identifier: found.identifier, traits: readTraits(found.traits), ...key };
  return matchSegments(environment.compiled, subject).map((segment) => segment.id);
}
