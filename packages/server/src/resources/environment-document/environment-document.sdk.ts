/** GET environment-document: everything a client needs to evaluate by itself. Made once a revision, or until an override ends, then sent as it is. */
import type { EnvironmentDocument, FeatureState, IdentityOverride } from "@burgee/engine";
import type { Db } from "../../db/database.ts";
import { isoMicros } from "../../documents/load.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { applies, overrideState } from "../../documents/states.ts";
import { empty, jsonHeaders } from "../../http/headers.ts";
import { httpDateSeconds } from "../../http/http-date.ts";
import type { SdkCall, SdkRoute } from "../../http/sdk-door.ts";
import { type EnvironmentOverride, listOverrides } from "./environment-document.store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The uuid is random in the original and must not be used as a key; ours is the same each time, made from the numeric id. */
const identityUuid = (id: number): string => `00000000-0000-4000-8000-${id.toString(16).padStart(12, "0")}`;

interface Overridden extends IdentityOverride {
  readonly identity_features: FeatureState[];
}

function addOverride(
  environment: LoadedEnvironment,
  identities: Map<string, Overridden>,
  row: EnvironmentOverride,
): void {
  const state = overrideState(environment, row);
  if (!state) return;
  const known = identities.get(row.identifier);
  if (known) {
    known.identity_features.push(state);
    return;
  }
  identities.set(row.identifier, {
    identifier: row.identifier,
    environment_api_key: environment.apiKey,
    created_date: isoMicros(row.identity_created_at, "+00:00"),
    django_id: row.identity_id,
    identity_uuid: identityUuid(row.identity_id),
    dashboard_alias: null,
    composite_key: `${environment.apiKey}_${row.identifier}`,
    identity_traits: [],
    identity_features: [state],
  });
}

interface Built {
  readonly document: EnvironmentDocument;
  /** Milliseconds since 1970: when the first of its overrides ends. */
  readonly validUntil: number;
}

export async function buildDocument(db: Db, environment: LoadedEnvironment, now: number): Promise<Built> {
  const identities = new Map<string, Overridden>();
  let validUntil = Number.POSITIVE_INFINITY;
  if (environment.overridesInLocalEval) {
    for await (const page of listOverrides(db, environment.id)) {
      for (const row of page) {
        if (!applies(row, now)) continue;
        if (row.expires_at !== null) validUntil = Math.min(validUntil, row.expires_at);
        addOverride(environment, identities, row);
      }
    }
  }
  const document = { ...environment.compiled.document, identity_overrides: [...identities.values()] };
  return { document, validUntil };
}

interface Rendered {
  readonly bytes: Bytes;
  readonly validUntil: number;
}

async function renderDocument(db: Db, environment: LoadedEnvironment, now: number): Promise<Rendered> {
  const { document, validUntil } = await buildDocument(db, environment, now);
  return { bytes: new TextEncoder().encode(JSON.stringify(document)), validUntil };
}

const headerSeconds = (request: Request, name: string): number => httpDateSeconds(request.headers.get(name));

export function createEnvironmentDocumentRoute(db: Db, now: () => number): SdkRoute<LoadedEnvironment> {
  const rendered = new WeakMap<LoadedEnvironment, Promise<Rendered>>();

  const render = (environment: LoadedEnvironment): Promise<Rendered> => {
    const made = renderDocument(db, environment, now());
    rendered.set(environment, made);
    made.catch(() => rendered.delete(environment));
    return made;
  };

  /** The end of an override moves the revision too, but a moment later than it counts. */
  const bytesOf = async (environment: LoadedEnvironment): Promise<Bytes> => {
    const held = rendered.get(environment) ?? render(environment);
    const { bytes, validUntil } = await held;
    if (validUntil > now()) return bytes;
    // Of many who notice, the first renders.
    const next = rendered.get(environment);
    return (await (next === undefined || next === held ? render(environment) : next)).bytes;
  };

  const get = async ({ environment, request }: SdkCall<LoadedEnvironment>): Promise<Response> => {
    const seconds = Math.floor(environment.updatedAt / 1000);
    const lastModified = { "Last-Modified": new Date(seconds * 1000).toUTCString() };
    if (headerSeconds(request, "if-unmodified-since") < seconds) return empty(412, lastModified);
    const since = headerSeconds(request, "if-modified-since");
    // A second holds more than one change, and a proxy that has the first of them must not be told that it has all.
    const isSame = since > seconds || (since === seconds && !environment.changedTwiceInSecond);
    if (isSame) return empty(304, lastModified);
    const body = await bytesOf(environment);
    const updatedAt = { "X-Flagsmith-Document-Updated-At": environment.updatedAtSeconds };
    return new Response(body, { status: 200, headers: jsonHeaders({ ...lastModified, ...updatedAt }) });
  };

  return { methods: { GET: get }, resource: "environment-document", serverKeyOnly: true };
}
