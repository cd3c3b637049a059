/** Finding identities by a query, and the traits that an environment's identities have. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { blankText } from "./fields.ts";

const traitValue = z.union([z.string(), z.number(), z.boolean()]);

export const identitySorts = ["-created", "created", "identifier", "-identifier", "last_seen", "-last_seen"] as const;
export type IdentitySort = (typeof identitySorts)[number];

const limitField = () => drf.integer({ min: 1, max: 200 }).optional().describe("At most 200; 50 unless given.");
const cursorField = () => drf.string().optional().describe("What the page before called next.");

export const identitySearchQuery = drf.object({
  q: drf.string({ allowBlank: true, trim: false }).optional().describe("In the query language; empty finds everybody."),
  sort: drf.choice(identitySorts).optional().describe("-created unless given."),
  limit: limitField(),
  cursor: cursorField(),
  segments: drf.boolean().optional().describe("Say also which segments each of them is in."),
});

export const foundIdentitySchema = z.object({
  id: z.int(),
  identifier: z.string(),
  created_date: z.string().describe("ISO-8601, UTC."),
  last_seen: z.string().nullable().describe("The day, UTC."),
  override_count: z.int(),
  traits: z.record(z.string(), traitValue).describe("Empty for callers who may not see traits."),
  segments: z
    .array(z.object({ id: z.int(), name: z.string() }))
    .optional()
    .describe("Only when asked for."),
});

export const identitySearchPage = z.object({
  results: z.array(foundIdentitySchema),
  next: z
    .string()
    .nullable()
    .describe("Cursor of the next page; null at the end. May be set after a short page: then the time for one was up."),
  total: z
    .object({ count: z.int(), exact: z.boolean().describe("Else an estimate.") })
    .nullable()
    .describe("How many match in all; null where nothing honest can be said in the time of a page."),
  searched_all: z.boolean().describe("False when the time for one page ended before this page was full."),
});

export const queryFaultSchema = z.object({
  q: z.array(z.string()),
  position: z.int().optional().describe("In UTF-16 units from the beginning of q."),
  length: z.int().optional(),
});

export const catalogueQuery = drf.object({
  q: drf.string({ allowBlank: true, trim: false }).optional().describe("Part of the key, any case."),
  cursor: cursorField(),
  limit: limitField(),
});

export const catalogueTraitSchema = z.object({
  key: z.string(),
  types: z
    .array(z.object({ type: z.enum(["string", "number", "boolean"]), count: z.int() }))
    .describe("Which types its values have, the commonest first."),
  examples: z.array(traitValue).describe("A few of the values; none of a trait that is marked as personal."),
  count: z.int().describe("Identities that have it."),
  first_seen: z.string().nullable().describe("ISO-8601, UTC."),
  last_seen: z.string().nullable().describe("ISO-8601, UTC: when it was last written."),
  description: z.string().nullable(),
  is_personal: z.boolean().describe("Personal data, as somebody marked it."),
  segments: z.array(z.object({ id: z.int(), name: z.string() })).describe("Those whose rules name it."),
});

export const cataloguePage = z.object({ results: z.array(catalogueTraitSchema), next: z.string().nullable() });

export const cataloguePatch = drf.object({
  description: blankText(2000).optional(),
  is_personal: drf.boolean().optional(),
});
export type CataloguePatch = z.output<typeof cataloguePatch>;

export const traitValuesQuery = drf.object({
  q: drf.string({ allowBlank: true, trim: false }).optional().describe("How the value begins."),
  limit: limitField(),
});

export const traitValuesSchema = z.object({
  results: z.array(
    z.object({ value: traitValue, count: z.int().describe("Identities that have it; 1000 stands for that or more.") }),
  ),
});
