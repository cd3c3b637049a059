/** The older trait routes, which iOS and Flutter still call. They refuse where traits may not be stored, instead of keeping quiet. */
import {
  readBulkDeletions,
  readBulkTraits,
  readIncrement,
  readTrait,
  type TraitInput,
  writeTraitValue,
} from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { type BodyResult, readBody } from "../../http/body.ts";
import { json, jsonHeaders } from "../../http/headers.ts";
import type { SdkCall, SdkHandler, SdkRoute } from "../../http/sdk-door.ts";
import type { IdentitiesStore } from "./identities.store.ts";
import { mayWriteTraits } from "./identity-answers.ts";
import { readStoredTraits, writeStoredTraits } from "./stored-traits.ts";

type Call = SdkCall<LoadedEnvironment>;
type Route = SdkRoute<LoadedEnvironment>;
type Body = Extract<BodyResult, { ok: true }>["value"];

export interface TraitsDeps {
  readonly store: IdentitiesStore;
  readonly bodyLimit: number;
}

export interface TraitsRoutes {
  readonly traits: Route;
  readonly bulkTraits: Route;
  readonly incrementTrait: Route;
}

const notAllowed = () => json(400, { non_field_errors: ["Setting traits not allowed with client key."] });

/** Permission before the body, as the original checks them. */
function storing(
  bodyLimit: number,
  handle: (call: Call, body: Body) => Promise<Response>,
): SdkHandler<LoadedEnvironment> {
  return async (call) => {
    if (!call.environment.persistTraitData) {
      return json(403, { detail: "Organisation is not authorised to store traits." });
    }
    const body = await readBody(call.request, { limit: bodyLimit });
    return body.ok ? handle(call, body.value) : json(body.status, body.body);
  };
}

const presentTrait = ({ identifier, key, value }: TraitInput): string =>
  `{"identity":{"identifier":${JSON.stringify(identifier)}},"trait_value":${writeTraitValue(value)},"trait_key":${JSON.stringify(key)}}`;

export function createTraitsRoutes({ store, bodyLimit }: TraitsDeps): TraitsRoutes {
  const merge = (call: Call, identifier: string, traits: readonly (readonly [string, TraitValue])[]) =>
    store.merge({
      environmentId: call.environment.id,
      identifier,
      initial: writeStoredTraits(new Map(traits.filter(([, value]) => value !== null))),
      patch: writeStoredTraits(new Map(traits)),
    });

  const setTrait = async (call: Call, body: Body): Promise<Response> => {
    const read = readTrait(body);
    if (!read.ok) return json(read.status, read.body);
    if (!mayWriteTraits(call)) return notAllowed();
    const { identifier, key, value } = read.value;
    await merge(call, identifier, [[key, value]]);
    return new Response(presentTrait(read.value), { status: 200, headers: jsonHeaders() });
  };

  const writeAll = async (call: Call, inputs: readonly TraitInput[]): Promise<void> => {
    const byIdentifier = Map.groupBy(inputs, (trait) => trait.identifier);
    await Promise.all(
      [...byIdentifier].map(async ([identifier, traits]) => {
        // A pure delete does not create the identity.
        const isPureDelete = traits.every(({ value }) => value === null);
        if (isPureDelete && !(await store.find(call.environment.id, identifier))) return;
        // Deletions come first, whatever their place in the list.
        const ordered = [...traits].sort((a, b) => Number(a.value !== null) - Number(b.value !== null));
        await merge(
          call,
          identifier,
          ordered.map(({ key, value }) => [key, value] as const),
        );
      }),
    );
  };

  const setTraits = async (call: Call, body: Body): Promise<Response> => {
    if (!mayWriteTraits(call)) return json(400, { detail: "Unable to set traits with client key." });
    const read = readBulkTraits(body);
    if (!read.ok) {
      await writeAll(call, readBulkDeletions(body));
      return json(read.status, read.body);
    }
    await writeAll(call, read.value);
    const kept = read.value.filter(({ value }) => value !== null).map(presentTrait);
    return new Response(`[${kept.join(",")}]`, { status: 200, headers: jsonHeaders() });
  };

  const increment = async (call: Call, body: Body): Promise<Response> => {
    const read = readIncrement(body);
    if (!read.ok) return json(read.status, read.body);
    if (!mayWriteTraits(call)) return notAllowed();
    const { identifier, key, by } = read.value;
    const row = await store.increment(call.environment.id, identifier, key, by);
    if (row) return json(200, { trait_key: key, trait_value: readStoredTraits(row.traits)[key], identifier });
    const held = await store.find(call.environment.id, identifier);
    const value = held && readStoredTraits(held.traits)[key];
    if (typeof value === "number" && Number.isInteger(value)) {
      return json(400, { increment_by: ["The sum must be within -2147483648 and 2147483647."] });
    }
    return json(400, ["Trait is not an integer."]);
  };

  return {
    traits: { methods: { POST: storing(bodyLimit, setTrait) }, resource: "traits" },
    bulkTraits: { methods: { PUT: storing(bodyLimit, setTraits) }, resource: "traits" },
    incrementTrait: { methods: { POST: storing(bodyLimit, increment) }, resource: "traits" },
  };
}
