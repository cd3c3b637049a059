import { isoMicros } from "../../documents/load.ts";
import type { OrganisationRow } from "./organisations.store.ts";

export interface OrganisationContext {
  readonly role: "ADMIN" | "USER" | null;
  readonly members: number;
}

const settingsOf = (row: OrganisationRow) => ({
  name: row.name,
  webhook_notification_email: row.webhook_notification_email,
  persist_trait_data: row.persist_trait_data === 1,
  restrict_project_create_to_admin: row.restrict_project_create_to_admin === 1,
  force_2fa: row.force_2fa === 1,
  feature_analytics: row.feature_analytics === 1,
  stop_serving_flags: row.stop_serving_flags === 1,
});

export const presentOrganisation = (row: OrganisationRow, { role, members }: OrganisationContext) => ({
  id: row.id,
  uuid: row.uuid,
  created_date: isoMicros(row.created_at, "Z"),
  num_seats: members,
  role,
  block_access_to_admin: false,
  ...settingsOf(row),
});

/** For the audit log: what can be changed. */
export const auditedOrganisation = (row: OrganisationRow) => ({ id: row.id, ...settingsOf(row) });
