/** The traits that an environment's identities have: which, of what types, since when, and what people noted about them. */
import {
  type CataloguePatch,
  cataloguePage,
  cataloguePatch,
  catalogueQuery,
  catalogueTraitSchema,
  traitValuesQuery,
  traitValuesSchema,
} from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest } from "../../http/admin-door.ts";
import { listKeys, listNotes, listTypes, listValues, type NoteRow, writeNote } from "./catalogue.store.ts";
import { describeTraits, isWhole, shownValue } from "./catalogue.ts";
import { environmentParams, MAY, type SearchAdminDeps, scopeFor, traitParams } from "./search-scope.ts";

const ALL = "/api/v1/environments/{key}/trait-catalogue/";
const ONE = `${ALL}{trait_key}/`;
const tag = "traits";
const DEFAULT_LIMIT = 50;
/** Different values looked at for one answer, and identities counted of each. */
const MOST_VALUES = 500;
const MOST_COUNTED = 1_000;

export function mountTraitCatalogue(api: AdminApi, deps: SearchAdminDeps): void {
  const { db } = deps;

  api.route(
    {
      method: "get",
      path: ALL,
      summary: "Traits of an environment, with types, examples and where they are used",
      tag,
      params: environmentParams,
      query: catalogueQuery,
      responses: { 200: cataloguePage },
    },
    async ({ access, params, query }) => {
      const scope = await scopeFor(access, params.key, MAY.viewTraits);
      const { q = "", limit = DEFAULT_LIMIT } = query;
      if (!isStorable(q)) return { results: [], next: null };
      const after = query.cursor === undefined ? null : readCursor(query.cursor);
      const keys = await listKeys(db.kysely, scope.environment.id, { q, after, limit: limit + 1 });
      const shown = keys.slice(0, limit);
      return {
        results: await describeTraits(db, scope, shown),
        next: keys.length > limit ? Buffer.from(shown.at(-1) ?? "").toString("base64url") : null,
      };
    },
  );

  api.route(
    {
      method: "get",
      path: ONE,
      summary: "One trait of the catalogue",
      tag,
      params: traitParams,
      responses: { 200: catalogueTraitSchema },
    },
    async ({ access, params }) => {
      const scope = await scopeFor(access, params.key, MAY.viewTraits);
      await needTrait(deps, scope, params.trait_key);
      return (await describeTraits(db, scope, [params.trait_key]))[0];
    },
  );

  api.route(
    {
      method: "patch",
      path: ONE,
      summary: "Describe a trait, or mark it as personal data",
      tag,
      params: traitParams,
      body: cataloguePatch,
      responses: { 200: catalogueTraitSchema },
    },
    async ({ access, params, body, audited }) => {
      const scope = await scopeFor(access, params.key, MAY.manageTraits);
      await needTrait(deps, scope, params.trait_key);
      await note(deps, scope, audited, params.trait_key, body);
      return (await describeTraits(db, scope, [params.trait_key]))[0];
    },
  );

  mountValues(api, deps);
}

function mountValues(api: AdminApi, deps: SearchAdminDeps): void {
  api.route(
    {
      method: "get",
      path: `${ONE}values/`,
      summary: "Values of a trait, the commonest first",
      tag,
      params: traitParams,
      query: traitValuesQuery,
      responses: { 200: traitValuesSchema },
    },
    async ({ access, params, query }) => {
      const scope = await scopeFor(access, params.key, MAY.viewTraits);
      await needTrait(deps, scope, params.trait_key);
      const { q = "", limit = DEFAULT_LIMIT } = query;
      const types = isStorable(q) ? await listTypes(deps.db.kysely, scope.environment.id, [params.trait_key]) : [];
      const wanted = { prefix: q, limit: MOST_VALUES, most: MOST_COUNTED };
      const found = await Promise.all(
        types
          .filter(({ count, key }) => count > 0 && key === params.trait_key)
          .map(async (type) => {
            const rows = await listValues(deps.db.kysely, scope.environment.id, type, wanted);
            return rows.filter(isWhole).map(({ value, count }) => ({ value: shownValue(type.type, value), count }));
          }),
      );
      const results = found
        .flat()
        .filter(({ value }) => String(value).startsWith(q))
        .sort((a, b) => b.count - a.count);
      return { results: results.slice(0, limit) };
    },
  );
}

/** Nothing that is stored holds one. */
const isStorable = (text: string): boolean => !text.includes("\u0000") && text.isWellFormed();

function readCursor(text: string): string {
  const key = Buffer.from(text, "base64url").toString();
  const isOurs = Buffer.from(key).toString("base64url") === text && isStorable(key);
  if (!isOurs) throw badRequest({ cursor: ["This is no cursor."] });
  return key;
}

async function needTrait({ db }: SearchAdminDeps, { environment }: EnvironmentScope, key: string): Promise<void> {
  if (!isStorable(key)) throw new AppError("not_found");
  const types = await listTypes(db.kysely, environment.id, [key]);
  if (types.some((type) => type.key === key && type.count > 0)) return;
  const notes = await listNotes(db.kysely, environment.id, [key]);
  if (!notes.some((noted) => noted.key === key)) throw new AppError("not_found");
}

const shown = ({ description, is_personal }: Omit<NoteRow, "key">) => ({ description, is_personal: is_personal === 1 });

const note = (
  { changes }: SearchAdminDeps,
  { project, environment }: EnvironmentScope,
  audited: RequestInfo,
  key: string,
  patch: CataloguePatch,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const [found] = (await listNotes(trx, environment.id, [key])).filter((noted) => noted.key === key);
    const before = found ?? { key, description: null, is_personal: 0 };
    const after: NoteRow = {
      key,
      description: patch.description === undefined ? before.description : patch.description || null,
      is_personal: patch.is_personal === undefined ? before.is_personal : Number(patch.is_personal),
    };
    if (after.description === before.description && after.is_personal === before.is_personal) {
      return { result: undefined, entries: [] };
    }
    await writeNote(trx, environment.id, after);
    const entry = {
      action: "UPDATE" as const,
      objectType: "trait",
      objectId: key,
      organisationId: project.organisation_id,
      projectId: project.id,
      environmentId: environment.id,
      log: `Trait ${key} noted in the catalogue of ${environment.name}`,
      before: shown(before),
      after: shown(after),
    };
    return { result: undefined, entries: [entry] };
  });
