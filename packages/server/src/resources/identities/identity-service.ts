/**
 * One identify call from parsed input to effective traits and decided flags. The door above it speaks HTTP; the store below it SQL.
 * What is written is written before anything is answered, except when an identity was last seen.
 */
import type { SentTrait } from "@burgee/contract/sdk";
import { decide, type FeatureState, type Identity, type Outcome } from "@burgee/engine";
import type { Awaitable } from "../../db/database.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { applies, overrideState } from "../../documents/states.ts";
import {
  type EffectiveTraits,
  NO_TRAITS,
  overlay,
  type Traits,
  traitPatch,
  withTransient,
} from "./effective-traits.ts";
import { createForesight, type Foresight } from "./foresight.ts";
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
  identify(environment: LoadedEnvironment, input: IdentifyInput): Awaitable<Identified>;
  /** Traits and flags of nobody that is stored: anonymous callers, and GET with `transient`. */
  identifyUnsaved(environment: LoadedEnvironment, identifier: string, traits: readonly SentTrait[]): Identified;
}

const EMPTY = "{}";

/** A legacy environment hashes the numeric id; Python's text for "no id" puts all unsaved identities into one bucket. */
function asIdentity(
  environment: LoadedEnvironment,
  identifier: string,
  id: number | null,
  { evaluated }: EffectiveTraits,
): Identity {
  if (environment.compositeHashKey) return { identifier, traits: evaluated };
  return { identifier, traits: evaluated, key: id === null ? "None" : String(id) };
}

/** `changes` foresees whether a call changes traits. */
export function createIdentityService(
  store: IdentitiesStore,
  onError: (error: unknown) => void,
  changes: Foresight = createForesight(),
): IdentityService {
  const traitsOf = (row: IdentityRow | undefined): Traits =>
    row === undefined || row.traits === EMPTY ? NO_TRAITS : readStoredTraits(row.traits);

  const overridesOf = async (environment: LoadedEnvironment, identifier: string): Promise<FeatureState[]> => {
    const rows = await store.overrides(environment.id, identifier);
    const now = store.now();
    return rows.flatMap((row) => (applies(row, now) ? (overrideState(environment, row) ?? []) : []));
  };

  const seen = (environment: LoadedEnvironment, identifier: string, row: IdentityRow): void => {
    if (row.last_seen_day < store.today()) store.touch(environment.id, identifier).catch(onError);
  };

  const settled = (
    environment: LoadedEnvironment,
    identity: Identity,
    id: number | null,
    traits: EffectiveTraits,
  ): Identified => ({
    identifier: identity.identifier,
    id,
    traits,
    identity,
    outcomes: decide(environment.compiled, identity),
  });

  const decided = (
    environment: LoadedEnvironment,
    identifier: string,
    row: IdentityRow | undefined,
    traits: EffectiveTraits,
  ): Awaitable<Identified> => {
    const id = row?.id ?? null;
    const identity = asIdentity(environment, identifier, id, traits);
    if (!row?.has_overrides) return settled(environment, identity, id, traits);
    return overridesOf(environment, identifier).then((overrides) =>
      settled(environment, { ...identity, overrides }, id, traits),
    );
  };

  const create = (environment: LoadedEnvironment, identifier: string): Promise<IdentityRow> =>
    store.merge({ environmentId: environment.id, identifier, initial: EMPTY, patch: EMPTY }, false);

  const persist = (
    environment: LoadedEnvironment,
    { identifier, traits }: IdentifyInput,
    row: IdentityRow | undefined,
    before: Traits,
  ): Awaitable<IdentityRow> => {
    const patch = traitPatch(before, traits);
    if (row && traits.length > 0) changes.note(patch !== undefined);
    if (!patch) return row ?? create(environment, identifier);
    const change = {
      environmentId: environment.id,
      identifier,
      patch: writeStoredTraits(patch),
      isSeenNoted: row !== undefined && row.last_seen_day >= store.today(),
      get initial() {
        return writeStoredTraits([...patch].filter(([, value]) => value !== null));
      },
    };
    return store.merge(change, row !== undefined);
  };

  const identifyStored = (
    environment: LoadedEnvironment,
    input: IdentifyInput,
    row: IdentityRow | undefined,
  ): Awaitable<Identified> => {
    const { identifier, traits, mayWrite } = input;
    const before = traitsOf(row);
    const persists = mayWrite && environment.persistTraitData;
    const after = (stored: IdentityRow): Awaitable<Identified> => {
      const now = stored === row ? before : traitsOf(stored);
      // What may be written has been, so that of it only transient traits are laid over what is stored.
      const isLaid = mayWrite && !persists;
      const effective = isLaid ? overlay(now, traits, row !== undefined) : withTransient(now, mayWrite ? traits : []);
      return decided(environment, identifier, stored, effective);
    };
    const stored = persists ? persist(environment, input, row, before) : (row ?? create(environment, identifier));
    return stored instanceof Promise ? stored.then(after) : after(stored);
  };

  const identifyTransient = (
    environment: LoadedEnvironment,
    { identifier, traits, mayWrite }: IdentifyInput,
    row: IdentityRow | undefined,
  ): Awaitable<Identified> => {
    const sent = mayWrite ? traits.map((trait) => ({ ...trait, transient: true })) : [];
    return decided(environment, identifier, row, overlay(traitsOf(row), sent, row !== undefined));
  };

  const identifyFound = (
    environment: LoadedEnvironment,
    input: IdentifyInput,
    row: IdentityRow | undefined,
  ): Awaitable<Identified> => {
    if (input.transient) return identifyTransient(environment, input, row);
    if (row) seen(environment, input.identifier, row);
    return identifyStored(environment, input, row);
  };

  const identifyRead = (environment: LoadedEnvironment, input: IdentifyInput): Awaitable<Identified> => {
    const row = store.find(environment.id, input.identifier);
    return row instanceof Promise
      ? row.then((found) => identifyFound(environment, input, found))
      : identifyFound(environment, input, row);
  };

  /** Where nearly every call changes a trait, the identity is not read before it is written. undefined = it is to be read. */
  const identifyUnread = (environment: LoadedEnvironment, input: IdentifyInput): Promise<Identified> | undefined => {
    const { identifier, traits, mayWrite, transient } = input;
    if (!store.change || !changes.isLikely() || !mayWrite || transient || !environment.persistTraitData)
      return undefined;
    const patch = traitPatch(NO_TRAITS, traits);
    if (!patch) return undefined;
    return store.change(environment.id, identifier, writeStoredTraits(patch)).then((row) => {
      changes.note(row !== undefined);
      // Where there was nothing to do, reading tells why: it is new, or has all of it.
      if (!row) return identifyRead(environment, input);
      seen(environment, identifier, row);
      return decided(environment, identifier, row, withTransient(traitsOf(row), traits));
    });
  };

  return {
    identifyUnsaved: (environment, identifier, traits) => {
      const effective = overlay(NO_TRAITS, traits, false);
      return settled(environment, asIdentity(environment, identifier, null, effective), null, effective);
    },
    identify: (environment, input) => identifyUnread(environment, input) ?? identifyRead(environment, input),
  };
}
