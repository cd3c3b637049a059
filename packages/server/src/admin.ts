/** Mounts the admin side: one line a noun, in alphabetical order. */
import type { Changes } from "./changes/commit.ts";
import type { Db } from "./db/database.ts";
import type { Documents } from "./documents/documents.ts";
import type { AdminApi } from "./http/admin-door.ts";
import { mountAudit } from "./resources/audit/audit.admin.ts";
import { mountIdentities } from "./resources/identities/identities.admin.ts";
import { mountOverrides } from "./resources/identities/overrides.admin.ts";
import { mountTraits } from "./resources/identities/traits.admin.ts";

export interface AdminDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly documents: Documents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function mountAdmin(api: AdminApi, deps: AdminDeps): void {
  mountAudit(api, deps);
  mountIdentities(api, deps);
  mountOverrides(api, deps);
  mountTraits(api, deps);
}
