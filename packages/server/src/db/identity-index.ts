/** What searches look identities up in, and how they come to it. */

/** Follows what is written to identities; triggers note what it does not have yet. */
export interface IdentityIndex {
  /**
   * Brings up to `limit` changes into it, in one transaction. Whether anything was done: false also where another node is at it.
   * @param now Milliseconds since 1970
   */
  follow(limit: number, now: number): Promise<boolean>;
  /** Asked after every transaction, of the time since it was asked last. */
  pace(): Pace;
}

export interface Pace {
  /** How long one transaction should take: short where writers wait for it, longer where each costs a dozen ways to the server. */
  readonly stepMs: number;
  /** How many times as long as that others go first before the next. */
  readonly restShare: number;
}

/** How another thread opens the same database for reading; plain data. */
export type DbLocation =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string; readonly prepare: boolean };
