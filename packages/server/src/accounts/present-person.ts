/** People as lists show them. */
import type { Selectable } from "kysely";
import type { UsersTable } from "../db/admin-tables.ts";

export const isoTime = (millis: number): string => new Date(millis).toISOString().replace("Z", "000Z");

export const isoTimeOrNull = (millis: number | null): string | null => (millis === null ? null : isoTime(millis));

export type ListedPerson = Pick<
  Selectable<UsersTable>,
  "id" | "uuid" | "email" | "first_name" | "last_name" | "last_login_at"
>;

export const presentPerson = (person: ListedPerson) => ({
  id: person.id,
  uuid: person.uuid,
  email: person.email,
  first_name: person.first_name,
  last_name: person.last_name,
  last_login: isoTimeOrNull(person.last_login_at),
});
