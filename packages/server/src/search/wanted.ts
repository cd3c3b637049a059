/** A query with everything it names looked up, so that it can be handed to another thread. */
import { parseQuery, type Query } from "@burgee/contract/query";
import type { DocumentRule, DocumentSegment } from "@burgee/engine";
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";

/** Rules that must hold too: a segment's, stored or not. */
export interface WantedRules {
  /** What percentages hash; a segment that was never stored has 0. */
  readonly segmentId: number;
  readonly rules: readonly DocumentRule[];
}

/** Text of the query language, or a query. */
export interface Wanted {
  readonly environmentId: number;
  readonly query?: string | Query;
  readonly rules?: WantedRules;
}

export interface NamedSegment {
  /** As the query names it. */
  readonly name: string | number;
  /** Several may have the name: being in one is enough. */
  readonly segments: readonly DocumentSegment[];
}

/** Plain data: goes to the search threads as it is. */
export interface ResolvedQuery {
  readonly environment: {
    readonly id: number;
    readonly apiKey: string;
    readonly name: string;
    readonly compositeHashKey: boolean;
  };
  readonly query: Query;
  readonly segments: readonly NamedSegment[];
  readonly features: readonly (readonly [name: string, id: number])[];
  /** Milliseconds since 1970: what ages are counted from. */
  readonly now: number;
}

/** Stands for `rules` in the query that is resolved; no segment can be called so, since the language has no empty names. */
const RULES = "";

/**
 * Rejects with AppError "invalid" and the body {q, position, length} where the text is no query or names what the environment's project
 * does not have, and with "not_found" where there is no such environment.
 */
export async function resolveQuery(db: Kysely<Tables>, wanted: Wanted, now: number): Promise<ResolvedQuery> {
  const environment = await db
    .selectFrom("environments")
    .select(["id", "api_key", "name", "project_id", "use_identity_composite_key_for_hashing"])
    .where("id", "=", wanted.environmentId)
    .executeTakeFirst();
  if (!environment) throw new AppError("not_found");
  const { query, fault } = readQuery(wanted.query ?? { kind: "all" });
  const terms = termsOf(query);
  const segments = await findSegments(db, environment.project_id, terms, fault);
  const features = await findFeatures(db, environment.project_id, terms, fault);
  if (wanted.rules) segments.push(segmentOf(RULES, [{ id: wanted.rules.segmentId, rules: wanted.rules.rules }]));
  return {
    environment: {
      id: environment.id,
      apiKey: environment.api_key,
      name: environment.name,
      compositeHashKey: environment.use_identity_composite_key_for_hashing === 1,
    },
    query: wanted.rules ? withRules(query) : query,
    segments,
    features,
    now,
  };
}

function withRules(query: Query): Query {
  const rules = { kind: "segment" as const, segment: RULES };
  if (query.kind === "all") return rules;
  return { kind: "and", parts: query.kind === "and" ? [...query.parts, rules] : [query, rules] };
}

type Fault = (term: Query, message: string) => AppError;

function readQuery(given: string | Query): { readonly query: Query; readonly fault: Fault } {
  if (typeof given !== "string") return { query: given, fault: (_, message) => refusal(message) };
  const parsed = parseQuery(given);
  if (!parsed.ok) throw refusal(parsed.message, parsed.position, parsed.length);
  const { query, places } = parsed;
  return {
    query,
    fault: (term, message) => refusal(message, places.get(term)?.position, places.get(term)?.length),
  };
}

function refusal(message: string, position?: number, length?: number): AppError {
  const place = position === undefined ? {} : { position, length: length ?? 0 };
  return new AppError("invalid", { body: { q: [message], ...place } });
}

/** Every condition of the query. */
export function termsOf(query: Query): Query[] {
  if (query.kind === "and" || query.kind === "or") return query.parts.flatMap(termsOf);
  if (query.kind === "not") return termsOf(query.part);
  return query.kind === "all" ? [] : [query];
}

/** Whether answering tells about traits. Segments are made of them. */
export const asksForTraits = (query: Query): boolean =>
  termsOf(query).some(({ kind }) => kind.startsWith("trait") || kind === "has" || kind === "segment");

interface SegmentRules {
  readonly id: number;
  readonly rules: readonly DocumentRule[];
}

function segmentOf(name: string | number, found: readonly SegmentRules[]): NamedSegment {
  return { name, segments: found.map(({ id, rules }) => ({ id, name: String(name), rules, feature_states: [] })) };
}

async function findSegments(
  db: Kysely<Tables>,
  projectId: number,
  terms: readonly Query[],
  fault: Fault,
): Promise<NamedSegment[]> {
  const named: NamedSegment[] = [];
  for (const term of terms) {
    if (term.kind !== "segment" || named.some(({ name }) => name === term.segment)) continue;
    const { segment } = term;
    const rows = await db
      .selectFrom("segments")
      .select(["id", "rules"])
      .where("project_id", "=", projectId)
      .where((where) => (typeof segment === "number" ? where("id", "=", segment) : where("name", "=", segment)))
      .orderBy("id")
      .limit(50)
      .execute();
    if (rows.length === 0) throw fault(term, `This project has no segment ${JSON.stringify(segment)}.`);
    named.push(
      segmentOf(
        segment,
        rows.map(({ id, rules }) => ({ id, rules: JSON.parse(rules) })),
      ),
    );
  }
  return named;
}

async function findFeatures(
  db: Kysely<Tables>,
  projectId: number,
  terms: readonly Query[],
  fault: Fault,
): Promise<(readonly [string, number])[]> {
  const features = new Map<string, number>();
  for (const term of terms) {
    if (term.kind !== "override" || term.feature === null || features.has(term.feature)) continue;
    const row = await db
      .selectFrom("features")
      .select("id")
      .where("project_id", "=", projectId)
      .where("name_key", "=", term.feature.toLowerCase())
      .executeTakeFirst();
    if (!row) throw fault(term, `This project has no feature ${JSON.stringify(term.feature)}.`);
    features.set(term.feature, row.id);
  }
  return [...features];
}
