/**
 * Taking a change back from its audit entry. Nouns know how their own entries are undone and say so here; the audit log, which
 * knows no noun, asks. It lies below both, since resources never import one another.
 */
import type { Access } from "../access/access.ts";
import { AppError } from "../errors.ts";
import type { AuditedRequest } from "./admin-door.ts";

/** An audit entry as it was written. */
export interface RecordedChange {
  readonly id: number;
  readonly action: "CREATE" | "UPDATE" | "DELETE";
  readonly objectType: string;
  readonly projectId: number | null;
  readonly log: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface UndoCall {
  readonly access: Access;
  readonly audited: AuditedRequest;
}

export interface Undoer {
  /** Whether changes of this sort can be undone at all. */
  readonly isFor: (change: RecordedChange) => boolean;
  /**
   * Asks `access` for the same right as the change itself needs, and restores what was before through changes.commit. Throws
   * {@link changedSince} or {@link beyondRestoring}.
   */
  readonly undo: (change: RecordedChange, call: UndoCall) => Promise<void>;
}

export interface Undoers {
  /** By the type that entries name their object with. */
  add(objectType: string, undoer: Undoer): void;
  find(change: RecordedChange): Undoer | undefined;
}

export function createUndoers(): Undoers {
  const byType = new Map<string, Undoer>();
  return {
    add: (objectType, undoer) => {
      if (byType.has(objectType)) throw new Error(`Undoing ${objectType} is known already.`);
      byType.set(objectType, undoer);
    },
    find: (change) => {
      const undoer = byType.get(change.objectType);
      return undoer?.isFor(change) ? undoer : undefined;
    },
  };
}

const refuse = (detail: string): AppError => new AppError("conflict", { body: { detail } });

export const changedSince = (): AppError =>
  refuse("It has been changed again since. Undo the later change first, or change it by hand.");

export const beyondRestoring = (why: string): AppError => refuse(`It cannot be restored: ${why}`);

/** What an entry is about that undid another. */
export const undoneSubject = (id: number) => ({ type: "undone", id: String(id) });

interface Entry {
  readonly log: string;
  readonly subjects?: readonly { readonly type: string; readonly id: string }[];
}

/** The entry of a change that undoes another one. */
export const undoing = <E extends Entry>(change: RecordedChange, entry: E): E => ({
  ...entry,
  log: `Undid: ${change.log}`,
  subjects: [...(entry.subjects ?? []), undoneSubject(change.id)],
});
