/**
 * One identify call from parsed input to effective traits and decided flags. The door above it speaks HTTP; the store below it SQL.
 * What is written is written before anything is answered, except when an identity was last seen.
 */
import type { SentTrait } from "@burgee/contract/sdk";
import { decide, type FeatureState, type Identity, type Outcome } from "@burgee/engine";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { overrideState } from "../../documents/states.ts";
import {
  type EffectiveTraits,
  NO_TRAITS,
  overlay,
  type Traits,
  traitPatch,
  withTransient,
} from "./effective-traits.ts";
import type { IdentitiesStore, IdentityRow } from "./identities.store.ts";
import { readStoredTraits, writeStoredTraits } from "./stored-traits.ts";

export interface IdentifyInput {
  readonly identifier: string;
  readonly traits: readonly SentTrait[];
  /** false: nothing is created or stored. */
  readonly transient: boolean;
  /** Whether the caller may write traits here. */
  readonly mayWrite: boolean;
}

export interface Identified {
  readonly identifier: string;
  /** null = not stored. */
  readonly id: number | null;
  readonly traits: EffectiveTraits;
  /** As the engine was asked. */
  readonly identity: Identity;
  readonly outcomes: readonly Outcome[];
}

export interface IdentityService {
  identify(environment: LoadedEnvironment, input: IdentifyInput): Promise<Identified>;
  /** Traits and flags of nobody that is stored: anonymous callers, and GET with `transient`. */
  identifyUnsaved(environment: LoadedEnvironment, identifier: string, traits: readonly SentTrait[]): Identified;
}

const EMPTY = "{}";

/** A legacy environment hashes the numeric id; Python's text for "no id" puts all unsaved identities into one bucket. */
function hashKey(environment: LoadedEnvironment, id: number | null): { key?: string } {
  if (environment.compositeHashKey) return {};
  return { key: id === null ? "None" : String(id) };
}

export function createIdentityService(store: IdentitiesStore, onError: (error: unknown) => void): IdentityService {
  const traitsOf = (row: IdentityRow | undefined): Traits =>
    row === undefined || row.traits === EMPTY ? NO_TRAITS : readStoredTraits(row.traits);

  const overridesOf = async (environment: LoadedEnvironment, identifier: string): Promise<FeatureState[]> => {
    const rows = await store.overrides(environment.id, identifier);
    return rows.flatMap((row) => overrideState(environment, row) ?? []);
  };

  const seen = (environment: LoadedEnvironment, identifier: string, row: IdentityRow): void => {
    if (row.last_seen_day < store.today()) store.touch(environment.id, identifier).catch(onError);
  };

  const decided = async (
    environment: LoadedEnvironment,
    identifier: string,
    row: IdentityRow | undefined,
    traits: EffectiveTraits,
  ): Promise<Identified> => {
    const id = row?.id ?? null;
    const overrides = row?.has_overrides ? { overrides: await overridesOf(environment, identifier) } : {};
    const identity: Identity = { identifier, traits: traits.evaluated, ...hashKey(environment, id), ...overrides };
    return { identifier, id, traits, identity, outcomes: decide(environment.compiled, identity) };
  };

  const create = (environment: LoadedEnvironment, identifier: string): Promise<IdentityRow> =>
    store.merge({ environmentId: environment.id, identifier, initial: EMPTY, patch: EMPTY });

  const persist = async (
    environment: LoadedEnvironment,
    input: IdentifyInput,
    row: IdentityRow | undefined,
  ): Promise<IdentityRow> => {
    const patch = traitPatch(traitsOf(row), input.traits);
    if (!patch) return row ?? (await create(environment, input.identifier));
    const initial = writeStoredTraits([...patch].filter(([, value]) => value !== null));
    const change = {
      environmentId: environment.id,
      identifier: input.identifier,
      initial,
      patch: writeStoredTraits(patch),
    };
    return store.merge(change);
  };

  return {
    identifyUnsaved: (environment, identifier, traits) => {
      const effective = overlay(NO_TRAITS, traits, false);
      const identity: Identity = { identifier, traits: effective.evaluated, ...hashKey(environment, null) };
      return { identifier, id: null, traits: effective, identity, outcomes: decide(environment.compiled, identity) };
    },
    identify: async (environment, input) => {
      const { identifier } = input;
      const found = store.find(environment.id, identifier);
      const row = found instanceof Promise ? await found : found;
      if (input.transient) {
        const sent = input.mayWrite ? input.traits.map((trait) => ({ ...trait, transient: true })) : [];
        return decided(environment, identifier, row, overlay(traitsOf(row), sent, row !== undefined));
      }
      if (row) seen(environment, identifier, row);
      if (!input.mayWrite) {
        const kept = row ?? (await create(environment, identifier));
        return decided(environment, identifier, kept, withTransient(traitsOf(kept), []));
      }
      if (!environment.persistTraitData) {
        const kept = row ?? (await create(environment, identifier));
        return decided(environment, identifier, kept, overlay(traitsOf(kept), input.traits, row !== undefined));
      }
      const written = await persist(environment, input, row);
      return decided(environment, identifier, written, withTransient(traitsOf(written), input.traits));
    },
  };
}
