/** Admin calls in tests: an organisation, keys with or without rights, and `fetch` with the right header. */
import { randomUUID } from "node:crypto";
import { createOrganisationKeySecret } from "../access/secrets.ts";
import type { Db } from "../db/database.ts";

export interface AdminClient {
  readonly organisationId: number;
  readonly keyId: number;
  readonly key: string;
  /** Answers with the status and the parsed body (undefined where there is none). */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; headers: Headers }>;
}

export interface Grant {
  readonly scope: "organisation" | "project" | "environment";
  readonly id: number;
  readonly permissions?: readonly string[];
  readonly isAdmin?: boolean;
}

type Request = (path: string, init?: RequestInit) => Promise<Response>;

export async function createOrganisation(db: Db, name: string): Promise<number> {
  const row = await db.kysely
    .insertInto("organisations")
    .values({
      uuid: randomUUID(),
      name,
      persist_trait_data: 1,
      stop_serving_flags: 0,
      feature_analytics: 0,
      created_at: Date.now(),
      webhook_notification_email: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** A client with an organisation key: an admin's, or one that may only do what `grants` say. */
export async function createAdminClient(
  db: Db,
  request: Request,
  organisationId: number,
  grants?: readonly Grant[],
): Promise<AdminClient> {
  const secret = createOrganisationKeySecret();
  const row = await db.kysely
    .insertInto("organisation_keys")
    .values({
      organisation_id: organisationId,
      prefix: secret.prefix,
      hash: secret.hash,
      name: "test key",
      is_admin: grants ? 0 : 1,
      created_by: null,
      created_at: Date.now(),
      expires_at: null,
      revoked: 0,
      last_used_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (const grant of grants ?? []) {
    const permissions = JSON.stringify(grant.permissions ?? []);
    const values = { subject_type: "key" as const, subject_id: row.id, scope_type: grant.scope, scope_id: grant.id };
    await db.kysely
      .insertInto("permission_grants")
      .values({ ...values, permissions, is_admin: grant.isAdmin ? 1 : 0 })
      .execute();
  }
  return {
    organisationId,
    keyId: row.id,
    key: secret.key,
    call: (method, path, body) => callWith(request, `Api-Key ${secret.key}`, method, path, body),
  };
}

/** `authorization` undefined = no credentials. */
export async function callWith(
  request: Request,
  authorization: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const answer = await request(path, {
    method,
    headers: {
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text), headers: answer.headers };
}
