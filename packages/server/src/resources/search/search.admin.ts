/** Identities by a query: for people who look for somebody. */
import { identitySearchPage, identitySearchQuery, queryFaultSchema } from "@burgee/contract/admin";
import { parseJson } from "@burgee/contract/sdk";
import { matchSegments, type TraitValue } from "@burgee/engine";
import { isoMicros } from "../../documents/load.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import type { Page } from "../../search/search.ts";
import { environmentParams, MAY, mayAny, type SearchAdminDeps, scopeFor } from "./search-scope.ts";

const DEFAULT_LIMIT = 50;
const DAY_MS = 86_400_000;

export function mountIdentitySearch(api: AdminApi, { documents, search }: SearchAdminDeps): void {
  api.route(
    {
      method: "get",
      path: "/api/v1/environments/{key}/identity-search/",
      summary: "Find identities by identifier, traits, overrides, segments and dates",
      tag: "identities",
      params: environmentParams,
      query: identitySearchQuery,
      responses: { 200: identitySearchPage, 400: queryFaultSchema },
    },
    async ({ access, params, query }) => {
      const scope = await scopeFor(access, params.key, MAY.find);
      const wanted = { environmentId: scope.environment.id, query: query.q ?? "" };
      const seesTraits = await mayAny(access, scope, MAY.viewTraits);
      if (!seesTraits && (query.segments === true || (await search.asksForTraits(wanted))))
        throw new AppError("forbidden");
      const page = await search.findPage({
        ...wanted,
        sort: query.sort ?? "-created",
        limit: query.limit ?? DEFAULT_LIMIT,
        cursor: query.cursor,
      });
      const environment = query.segments === true ? await documents.get(scope.environment.id) : undefined;
      return present(page, seesTraits, environment);
    },
  );
}

type Found = Page["identities"][number];

function present(page: Page, seesTraits: boolean, environment: LoadedEnvironment | undefined) {
  return {
    results: page.identities.map((found) => {
      const traits = seesTraits ? readTraits(found.traits) : {};
      return {
        id: found.id,
        identifier: found.identifier,
        created_date: isoMicros(found.created_at, "Z"),
        last_seen: new Date(found.last_seen_day * DAY_MS).toISOString().slice(0, 10),
        override_count: found.override_count,
        traits: plain(traits),
        ...(environment ? { segments: segmentsOf(environment, found, traits) } : {}),
      };
    }),
    next: page.next,
    total: page.total,
    searched_all: page.searchedAll,
  };
}

type Traits = Readonly<Record<string, TraitValue>>;

function readTraits(text: string): Traits {
  const parsed = parseJson(text);
  return parsed.ok ? (parsed.value as Traits) : {};
}

/** 2.0 is shown as 2: JSON's numbers have one type. */
function plain(traits: Traits): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(traits).map(([key, value]) => [key, typeof value === "object" ? (value?.float ?? null) : value]),
  );
}

function segmentsOf(environment: LoadedEnvironment, { id, identifier }: Found, traits: Traits) {
  const key = environment.compositeHashKey ? {} : { key: String(id) };
  return matchSegments(environment.compiled, { identifier, traits, ...key }).map((segment) => ({
    id: segment.id,
    name: segment.name,
  }));
}
