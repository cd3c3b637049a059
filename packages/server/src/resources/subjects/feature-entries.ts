/** Entries of deleted features hold the overrides of many identities, so that undoing brings them back. */

interface Before {
  readonly kept?: { readonly identity_overrides?: readonly { readonly identifier: string }[] };
}

/** What such an entry holds, as JSON, with only those identities' overrides that are wanted. */
export function withOverridesOf(before: string | null, isWanted: (identifier: string) => boolean): string | null {
  const held = before === null ? null : (JSON.parse(before) as Before);
  if (!held?.kept?.identity_overrides) return before;
  const identity_overrides = held.kept.identity_overrides.filter(({ identifier }) => isWanted(identifier));
  return JSON.stringify({ ...held, kept: { ...held.kept, identity_overrides } });
}
