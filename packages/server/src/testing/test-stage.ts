/** A stage for tests of the admin side: two organisations, callers with all, some and no rights, and short ways to ask. */
import { expect } from "bun:test";
import type { Selectable } from "kysely";
import type { AuditTable } from "../db/tables.ts";
import { type AdminClient, callWith, createAdminClient, createOrganisation, type Grant } from "./test-admin.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";

export type Body = Record<string, unknown> & { readonly id: number; readonly uuid: string };
export type PageBody = { readonly count: number; readonly next: string | null; readonly results: Body[] };

export interface Stage {
  readonly app: TestApp;
  readonly organisationId: number;
  /** May do everything in the organisation. */
  readonly admin: AdminClient;
  /** May do everything in another organisation. */
  readonly stranger: AdminClient;
  /** A key of the organisation with these rights only. */
  client(grants: readonly Grant[]): Promise<AdminClient>;
  /** Asks as the administrator, expects the status, and answers the body. */
  send<T = Body>(status: number, method: string, path: string, body?: unknown): Promise<T>;
  /** What the SDK with this key is told, by feature. */
  flags(key: string): Promise<Record<string, { readonly enabled: boolean; readonly feature_state_value: unknown }>>;
  /** What the identity with these traits is told, by feature. */
  identify(key: string, identifier: string, traits?: Readonly<Record<string, unknown>>): ReturnType<Stage["flags"]>;
  /** The newest audit rows, newest first. */
  audit(count?: number): Promise<Selectable<AuditTable>[]>;
  revision(environmentId: number): Promise<number>;
  /** Expects 401 without credentials, 404 for the stranger, and 403 for each of `refused`. */
  refuses(method: string, path: string, body: unknown, refused: readonly AdminClient[]): Promise<void>;
  close(): Promise<void>;
}

interface SdkFlag {
  readonly enabled: boolean;
  readonly feature_state_value: unknown;
  readonly feature: { readonly name: string };
}

const byName = (flags: readonly SdkFlag[]) =>
  Object.fromEntries(
    flags.map(({ enabled, feature_state_value, feature }) => [feature.name, { enabled, feature_state_value }]),
  );

export async function createStage(options: TestAppOptions = {}): Promise<Stage> {
  const app = await createTestApp(options);
  const { db, request } = app;
  const organisationId = await createOrganisation(db, "ours");
  const admin = await createAdminClient(db, request, organisationId);
  const stranger = await createAdminClient(db, request, await createOrganisation(db, "theirs"));

  const sdk = async (key: string, path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { "X-Environment-Key": key, "Content-Type": "application/json" };
    const answer = await request(path, { ...init, headers });
    expect(answer.status).toBe(200);
    return answer.json();
  };

  return {
    app,
    organisationId,
    admin,
    stranger,
    client: (grants) => createAdminClient(db, request, organisationId, grants),
    send: async <T>(status: number, method: string, path: string, body?: unknown) => {
      const answer = await admin.call(method, path, body);
      expect({ path, status: answer.status, body: answer.body }).toEqual({ path, status, body: answer.body });
      return answer.body as T;
    },
    flags: async (key) => byName((await sdk(key, "/api/v1/flags/")) as SdkFlag[]),
    identify: async (key, identifier, traits = {}) => {
      const list = Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value }));
      const body = JSON.stringify({ identifier, traits: list });
      const answer = (await sdk(key, "/api/v1/identities/", { method: "POST", body })) as { flags: SdkFlag[] };
      return byName(answer.flags);
    },
    audit: (count = 1) => db.kysely.selectFrom("audit").selectAll().orderBy("id", "desc").limit(count).execute(),
    revision: async (environmentId) => {
      const found = db.kysely.selectFrom("environments").select("revision").where("id", "=", environmentId);
      return (await found.executeTakeFirstOrThrow()).revision;
    },
    refuses: async (method, path, body, refused) => {
      expect((await callWith(request, undefined, method, path, body)).status).toBe(401);
      expect((await stranger.call(method, path, body)).status).toBe(404);
      for (const client of refused) expect((await client.call(method, path, body)).status).toBe(403);
    },
    close: () => app.close(),
  };
}
