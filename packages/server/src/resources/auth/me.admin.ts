/** One's own account. */
import { deleteMeInput, meInput, mePatch, meSchema, setEmailInput } from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import { lockOrganisations, soleAdministrations, soleMemberships } from "../../access/administrators.ts";
import { deleteOrganisation } from "../../access/organisation-end.ts";
import { personOf } from "../../access/person.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { accountEntries } from "../../accounts/audited-models.ts";
import { emailKey, isTaken } from "../../accounts/people.ts";
import type { AuditEntry, Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { differing, isEmpty } from "../../db/differing.ts";
import type { Tables } from "../../db/tables.ts";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, noContent } from "../../http/admin-door.ts";
import { askerOf } from "../../http/asker.ts";
import { endEnvironments } from "../../jobs/end-environments.ts";
import type { JobAsker, Jobs } from "../../jobs/jobs.ts";
import { deleteUser, findPasswordHash, findUser, listMemberships, type UserRow, updateUser } from "./auth.store.ts";
import { assertCurrentPassword } from "./password.admin.ts";

export interface MeDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  readonly jobs: Jobs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ME = "/api/v1/auth/users/me/";
const tag = "auth";

const shown = ({ email, first_name, last_name }: UserRow) => ({ email, first_name, last_name });

const entryOf = (
  action: AuditEntry["action"],
  before: UserRow,
  after: UserRow | null,
): Omit<AuditEntry, "organisationId"> => ({
  action,
  objectType: "user",
  objectId: String(before.id),
  projectId: null,
  environmentId: null,
  log: `Account ${after ? "changed" : "deleted"}: ${before.email}`,
  before: shown(before),
  after: after && shown(after),
});

/** Organisations that nobody else is in go along where that is asked for. */
async function deleteOrphans({ jobs, now }: MeDeps, trx: Transaction<Tables>, userId: number, asker: JobAsker) {
  const entries: AuditEntry[] = [];
  const environments: number[] = [];
  for (const { id, name } of await soleMemberships(trx, userId)) {
    const ending = { organisationId: id, asker, now: now() };
    environments.push(...(await deleteOrganisation(trx, id, (all) => endEnvironments(jobs, trx, all, ending))));
    const log = `Organisation deleted with the account of its only member: ${name}`;
    const object = { objectType: "organisation", objectId: String(id), organisationId: id };
    const entry = { ...object, projectId: null, environmentId: null, before: { id, name }, after: null };
    entries.push({ action: "DELETE", log, ...entry });
  }
  return { entries, environments };
}

async function presentMe(db: Db, user: UserRow) {
  const memberships = await listMemberships(db.kysely, user.id);
  const hasPassword = (await findPasswordHash(db.kysely, user.id)) !== undefined;
  return {
    id: user.id,
    uuid: user.uuid,
    email: user.email,
    first_name: user.first_name,
    last_name: user.last_name,
    sign_up_type: user.sign_up_type,
    auth_type: hasPassword ? "EMAIL" : "OIDC",
    is_superuser: false,
    date_joined: isoMicros(user.created_at, "Z"),
    pylon_email_signature: "",
    two_factor_enabled: user.two_factor_enabled === 1,
    organisations: memberships.map(({ role, id, uuid, name, force_2fa }) => ({
      role,
      organisation: { id, uuid, name, force_2fa: force_2fa === 1 },
    })),
  };
}

type Columns = Partial<Pick<UserRow, "first_name" | "last_name" | "email" | "email_verified">>;

const update = ({ changes, now }: MeDeps, audited: RequestInfo, userId: number, wanted: Columns): Promise<UserRow> =>
  changes.commit(audited, async (trx) => {
    const before = await findUser(trx, userId);
    if (!before) throw new AppError("unauthenticated");
    const columns = differing(before, wanted);
    if (isEmpty(columns)) return { result: before, entries: [] };
    if (columns.email !== undefined && (await isTaken(trx, columns.email))) {
      throw badRequest({ new_email: ["user with this email already exists."] });
    }
    const after = await updateUser(trx, userId, { ...columns, updated_at: now() });
    return { result: after, entries: await accountEntries(trx, userId, entryOf("UPDATE", before, after)) };
  });

export function mountMe(api: AdminApi, deps: MeDeps): void {
  const { db, changes, accounts } = deps;

  api.route(
    {
      method: "get",
      path: ME,
      summary: "One's own account, with organisations and roles",
      tag,
      responses: { 200: meSchema },
    },
    async ({ caller }) => {
      const user = await findUser(db.kysely, personOf(caller));
      if (!user) throw new AppError("unauthenticated");
      return presentMe(db, user);
    },
  );

  for (const [method, body] of [
    ["put", meInput],
    ["patch", mePatch],
  ] as const) {
    api.route(
      { method, path: ME, summary: "Change one's name", tag, body, responses: { 200: meSchema } },
      async ({ caller, body: wanted, audited }) => {
        const names: Columns = {
          ...(wanted.first_name === undefined ? {} : { first_name: wanted.first_name }),
          ...(wanted.last_name === undefined ? {} : { last_name: wanted.last_name }),
        };
        return presentMe(db, await update(deps, audited, personOf(caller), names));
      },
    );
  }

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/users/set_email/",
      summary: "Change one's address",
      tag,
      body: setEmailInput,
      responses: { 204: null },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      accounts.limits.login(request, caller.name);
      await assertCurrentPassword(db, userId, body.current_password);
      // Nobody has seen yet that it is theirs.
      const user = await update(deps, audited, userId, { email: emailKey(body.new_email), email_verified: 0 });
      if (user.email_verified !== 1) accounts.letters.activate(user);
      return noContent();
    },
  );

  api.route(
    {
      method: "delete",
      path: ME,
      summary: "Delete one's account; the last administrator of an organisation hands it over or deletes it first",
      tag,
      body: deleteMeInput,
      responses: { 204: null },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      accounts.limits.login(request, caller.name);
      if ((await findPasswordHash(db.kysely, userId)) !== undefined) {
        const password = body.current_password ?? new URL(request.url).searchParams.get("current_password");
        if (!password) throw badRequest({ current_password: ["This field is required."] });
        await assertCurrentPassword(db, userId, password);
      }
      const asker = askerOf(caller, audited);
      await changes.commit(audited, async (trx) => {
        const user = await findUser(trx, userId);
        if (!user) throw new AppError("unauthenticated");
        await lockOrganisations(db, trx, [...caller.organisations.keys(), ...(caller.closed ?? [])]);
        const entries = await accountEntries(trx, userId, entryOf("DELETE", user, null));
        const gone = body.delete_orphan_organisations ? await deleteOrphans(deps, trx, userId, asker) : undefined;
        const alone = (await soleAdministrations(trx, userId)).map(({ name }) => name).join(", ");
        if (alone !== "") {
          const detail = `You are the last administrator of ${alone}: hand it over or delete it first.`;
          throw badRequest({ detail });
        }
        await deleteUser(trx, userId);
        return {
          result: undefined,
          entries: [...entries, ...(gone?.entries ?? [])],
          environments: gone?.environments ?? [],
        };
      });
      return noContent();
    },
  );
}
