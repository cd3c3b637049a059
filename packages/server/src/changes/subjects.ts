/** What an audit entry is about, beside its object. */
export interface AuditSubject {
  /** The noun. */
  readonly type: string;
  /** An identity's is `identitySubject(environmentId, identifier)`. */
  readonly id: string;
}

/** Identities are told apart by environment and identifier, and their entries outlive them. */
export const identitySubject = (environmentId: number, identifier: string): string => `${environmentId}:${identifier}`;
