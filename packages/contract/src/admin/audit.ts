/** The audit log: who did what, when, and what it was before. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { environmentSchema } from "./environments.ts";
import { pageFields } from "./paging.ts";
import { projectSchema } from "./projects.ts";
import { scalarValue } from "./values.ts";

const person = z.object({
  id: z.int(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  last_login: z.string().nullable(),
  uuid: z.string(),
});

export const auditEntrySchema = z.object({
  id: z.int(),
  created_date: z.string().describe("ISO-8601, UTC."),
  log: z.string().describe("What was done, as a sentence."),
  author: person.nullable().describe("null for a key, and for a person who is gone; see actor."),
  environment: environmentSchema.omit({ metadata: true }).nullable(),
  project: projectSchema.nullable(),
  related_object_id: z.int().nullable(),
  related_object_uuid: z.string().nullable(),
  related_object_type: z.string().describe("The noun, in capitals."),
  is_system_event: z.boolean().describe("Done by no person and no key."),
  actor: z.string().describe('"user:12", "key:5", or the part of the program.'),
  request_id: z.string().nullable().describe("As the answer named it in X-Request-Id."),
  address: z.string().nullable().describe("The network address that it was asked for from."),
  revision: z.int().nullable().describe("What the change made the environment's revision."),
});

export const changeDetailSchema = z.object({
  field: z.string(),
  old: scalarValue.describe("What it was; lists and objects as their JSON."),
  new: scalarValue.describe("What it became; lists and objects as their JSON."),
});

export const auditDetailSchema = auditEntrySchema.extend({
  change_type: z.enum(["CREATE", "UPDATE", "DELETE"]),
  is_undoable: z.boolean().describe("Changes of its kind can be undone, if nothing has changed since."),
  change_details: z.array(changeDetailSchema).describe("Only what differs."),
});

export const auditQuery = drf.object({
  ...pageFields,
  search: drf.string({ allowBlank: true }).optional().describe("In the sentence or the author."),
  project: drf.integer().optional(),
  environments: drf.string({ allowBlank: true }).optional().describe("Ids, separated by commas."),
  is_system_event: drf.boolean().optional(),
  author: drf.string().optional().describe("E-mail address, or key:ID."),
  identity: drf.string().optional().describe("An identifier: its own activity."),
  feature: drf.integer().optional().describe("A feature's id."),
});
export type AuditQuery = z.output<typeof auditQuery>;
