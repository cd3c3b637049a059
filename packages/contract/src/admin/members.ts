/** Members of an organisation, and how people become members. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { dateTime, rowId } from "./fields.ts";
import { emailField, listedPersonSchema } from "./people.ts";

export const roleNames = ["ADMIN", "USER"] as const;
const role = () => drf.choice(roleNames);

export const updateRoleInput = drf.object({ role: role() });
export const updatedRoleSchema = z.object({
  role: z.enum(roleNames),
  organisation: z.object({ id: z.int(), name: z.string() }),
});

const userId = drf.object({ id: rowId() });

export const removedUsersSchema = z.union([z.object({ id: z.int() }), z.array(z.object({ id: z.int() }))]);

/** One person or a list of them, as clients of different ages send it. */
export const removeUsersInput = drf.field(removedUsersSchema, (value) => {
  const parsed = Array.isArray(value)
    ? drf.parse(drf.many(userId, { maxLength: 1000 }), value)
    : drf.parse(userId, value);
  return parsed.ok ? drf.accept(parsed.value) : drf.refuse("Expected an object with an id, or a list of them.");
});

const groupIds = () => drf.list(rowId(), { maxLength: 100 });

export const inviteInput = drf.object({
  email: emailField(),
  role: role().optional().describe("USER unless given."),
  permission_groups: groupIds().optional().describe("Groups of the organisation to join."),
});

export const invitesInput = drf.object({
  invites: drf.many(inviteInput, { maxLength: 100 }).optional(),
  emails: drf.list(emailField(), { maxLength: 100 }).optional().describe("Addresses to invite with the role USER."),
});

export const inviteSchema = z.object({
  id: z.int(),
  email: z.string(),
  role: z.enum(roleNames),
  date_created: z.string(),
  permission_groups: z.array(z.int()),
  link: z.string().describe("For the person who was invited: there is no mailer, so hand it over."),
});

export const listedInviteSchema = inviteSchema.extend({ invited_by: listedPersonSchema.nullable() });

export const invitesSchema = z.object({ invites: z.array(inviteSchema), emails: z.array(z.string()) });

export const inviteLinkInput = drf.object({
  role: role().optional().describe("USER unless given."),
  expires_at: dateTime().nullish().describe("Never, unless given."),
});

export const inviteLinkSchema = z.object({
  id: z.int(),
  hash: z.string(),
  date_created: z.string(),
  role: z.enum(roleNames),
  expires_at: z.string().nullable(),
});

export const joinParams = drf.object({ hash: drf.string({ maxLength: 100 }) });
export const joinedSchema = z.object({ id: z.int(), uuid: z.string(), name: z.string(), role: z.enum(roleNames) });
