/** The audit log: who did what, when, and what it was before. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

export const changeDetailSchema = z.object({
  field: z.string(),
  old: z.unknown(),
  new: z.unknown(),
});

export const auditQuery = drf.object({
  page: drf.integer({ min: 1 }).optional(),
  page_size: drf.integer({ min: 1 }).optional(),
  search: drf.string({ allowBlank: true }).optional().describe("In the sentence or the author."),
  project: drf.integer().optional(),
  environments: drf.string({ allowBlank: true }).optional().describe("Ids, separated by commas."),
  is_system_event: drf.boolean().optional(),
  author: drf.string().optional().describe("E-mail address, or key:ID."),
  identity: drf.string().optional().describe("An identifier: its own activity."),
  feature: drf.integer().optional().describe("A feature's id."),
});
export type AuditQuery = z.output<typeof auditQuery>;
