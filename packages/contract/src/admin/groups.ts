/** Groups of people (Flagsmith: user permission groups). */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";

const fields = {
  is_default: drf.boolean().optional().describe("Whoever joins the organisation joins it too."),
  external_id: drf.string({ maxLength: 255, allowBlank: true }).nullish().describe("What another system calls it."),
};
const name = () => drf.string({ maxLength: 200 });

export const groupInput = drf.object({ name: name(), ...fields });
export const groupPatch = drf.object({ name: name().optional(), ...fields });
export type GroupPatch = z.output<typeof groupPatch>;

export const groupUsersInput = drf.object({ user_ids: drf.list(rowId(), { maxLength: 1000 }) });

const groupMember = z.object({
  id: z.int(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  last_login: z.string().nullable(),
  group_admin: z.boolean(),
});

export const groupSchema = z.object({
  id: z.int(),
  name: z.string(),
  users: z.array(groupMember),
  is_default: z.boolean(),
  external_id: z.string().nullable(),
});

export const groupSummarySchema = z.object({ id: z.int(), name: z.string() });
