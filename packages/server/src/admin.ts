/** Mounts the admin side: one line a noun, in alphabetical order. */
import type { Changes } from "./changes/commit.ts";
import type { Db } from "./db/database.ts";
import type { Documents } from "./documents/documents.ts";
import type { AdminApi } from "./http/admin-door.ts";

export interface AdminDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly documents: Documents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function mountAdmin(_api: AdminApi, _deps: AdminDeps): void {}
