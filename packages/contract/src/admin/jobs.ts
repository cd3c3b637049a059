/** Work that takes longer than a request: its bodies, how far it is, and what became of it. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { maxIdentifier, maxTraitKey, traitValue } from "../sdk/trait-value.ts";
import { dateTime, featureRef, rowId } from "./fields.ts";
import { scalarValue } from "./values.ts";

/** What can be asked for in `POST …/jobs/`. */
export const jobTypes = [
  "set_override",
  "remove_override",
  "set_traits",
  "delete_identities",
  "delete_trait",
  "export_identities",
  "count_segment",
] as const;
export type JobType = (typeof jobTypes)[number];

export const jobStatuses = ["queued", "running", "done", "failed", "cancelled"] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** Identifiers that one job's list may name. */
export const maxJobIdentifiers = 10_000;
/** Problems that are kept and shown; more are only counted. */
export const maxJobProblems = 100;
/** Characters of an override's reason. */
const maxReason = 1000;

const targets = drf.object({
  identifiers: drf
    .list(drf.string({ maxLength: maxIdentifier, trim: false }), { maxLength: maxJobIdentifiers })
    .optional()
    .describe("These identities. Those that do not exist are a problem each, and the rest is done."),
  query: drf
    .string({ maxLength: 4000 })
    .optional()
    .describe("Those that this search finds when the job comes to them."),
  all: drf.boolean().optional().describe("Every identity of the environment."),
});
export type JobTargets = z.output<typeof targets>;

export const jobInput = drf.object({
  type: drf.choice(jobTypes),
  dry_run: drf.boolean().optional().describe("Count what would be done, and do nothing."),
  identities: targets
    .optional()
    .describe("One of identifiers, query and all. Every type but delete_trait and count_segment."),
  feature: featureRef.optional().describe("set_override, remove_override: its id or its name."),
  enabled: drf.boolean().optional().describe("set_override: on or off; left out, true."),
  value: z.unknown().optional().describe("set_override: text, integer, boolean or null."),
  variant: drf
    .string({ maxLength: 255 })
    .nullish()
    .describe("set_override: pins the variant of this key instead of a value."),
  reason: drf.string({ maxLength: maxReason, allowBlank: true }).nullish().describe("set_override: why."),
  expires_at: dateTime().nullish().describe("set_override: stops applying then."),
  traits: drf
    .dictionary(traitValue().nullable())
    .optional()
    .describe("set_traits: laid over what is there; null takes a trait away."),
  trait_key: drf.string({ maxLength: maxTraitKey, trim: false }).optional().describe("delete_trait: from everybody."),
  format: drf.choice(["ndjson", "csv"]).optional().describe("export_identities: ndjson unless given."),
  overrides: drf.boolean().optional().describe("export_identities: with overrides."),
  segment: rowId().optional().describe("count_segment: a segment of the project."),
  rules: z.array(z.unknown()).max(100).optional().describe("count_segment: rules that are not saved."),
});
export type JobInput = z.output<typeof jobInput>;

const problemSchema = z.object({
  line: z.int().optional().describe("Of the file, from 1."),
  identifier: z.string().optional(),
  message: z.string(),
});
export type JobProblem = z.output<typeof problemSchema>;

export const jobSchema = z.object({
  id: z.string().describe("A uuid."),
  type: z.string().describe("What was asked for; also import_identities, retention and others that the server begins."),
  status: z.enum(jobStatuses),
  progress: z.object({
    done: z.int().describe("Looked at."),
    total: z.int().nullable().describe("null: not known yet."),
    changed: z.int(),
    failed: z.int(),
  }),
  created_date: z.string(),
  started_date: z.string().nullable(),
  finished_date: z.string().nullable(),
  created_by: z.string(),
  summary: z.string().describe("One sentence; empty while it is not over."),
  result: z.record(z.string(), z.number()).nullable().describe("Figures, where the job is about figures."),
  problems: z.array(problemSchema).describe(`The first ${maxJobProblems}.`),
  result_url: z.string().nullable().describe("Where its file is, for a day."),
  cancellable: z.boolean(),
});
export type JobView = z.output<typeof jobSchema>;

export const dryRunSchema = z.object({
  type: z.string(),
  dry_run: z.literal(true),
  matched: z.int(),
  would_create: z.int(),
  would_change: z.int(),
  would_delete: z.int(),
  unchanged: z.int(),
  problems: z.array(problemSchema),
});
export type DryRun = z.output<typeof dryRunSchema>;

export const importQuery = drf.object({
  format: drf.choice(["csv", "ndjson"]).describe("How the body is to be read."),
  dry_run: drf.boolean().optional().describe("Read and check every row, count, and write nothing."),
});

export const retentionPreviewQuery = drf.object({
  days: drf.integer({ min: 1, max: 36_500 }).describe("Identities that were not seen for so many days."),
});
export const retentionPreviewSchema = z.object({
  would_delete: z.int(),
  total: z.int(),
  oldest_last_seen: z.string().nullable().describe("A date."),
});

export const subjectInput = drf.object({
  identifier: drf.string({ maxLength: maxIdentifier, trim: false }).describe("What the application calls its user."),
});
export const erasureInput = drf.object({
  identifier: drf.string({ maxLength: maxIdentifier, trim: false }).describe("What the application calls its user."),
  dry_run: drf.boolean().optional().describe("Count, and erase nothing."),
});

const json = (what: string) => z.unknown().describe(what);

const heldInEnvironment = z.object({
  environment: z.object({
    id: z.int(),
    name: z.string(),
    api_key: z.string(),
    project: z.object({ id: z.int(), name: z.string() }),
  }),
  identity: z
    .object({
      id: z.int(),
      identifier: z.string(),
      created_date: z.string().nullable(),
      last_seen: z.string().describe("A date."),
      traits: json("An object of the traits by key."),
    })
    .nullable(),
  overrides: z.array(
    z.object({
      feature: z.object({ id: z.int(), name: z.string().nullable() }),
      enabled: z.boolean(),
      value: scalarValue,
      reason: z.string().nullable(),
      expires_at: z.string().nullable(),
      created_date: z.string().nullable(),
      updated_at: z.string().nullable(),
    }),
  ),
  events: z.array(
    z.object({
      event: z.string(),
      occurred_at: z.string().nullable(),
      feature: z.string().nullable(),
      value: json("Any JSON."),
      traits: json("Any JSON."),
      metadata: json("Any JSON."),
    }),
  ),
});

const heldInAudit = z.object({
  id: z.int(),
  created_date: z.string().nullable(),
  environment: z.int().nullable(),
  actor: z.string(),
  action: z.string(),
  object_type: z.string(),
  log: z.string(),
  before: json("Any JSON."),
  after: json("Any JSON."),
});

export const subjectAccessSchema = z.object({
  identifier: z.string(),
  created_at: z.string(),
  environments: z.array(heldInEnvironment),
  audit: z.array(heldInAudit),
  complete: z.boolean().describe("false: there is more than one answer holds."),
});

const erasedCounts = z.object({
  environment: z.int(),
  identities: z.int(),
  overrides: z.int(),
  events: z.int(),
});
export const erasureSchema = z.object({
  id: z.string(),
  erased_at: z.string().nullable().describe("null: a dry run."),
  environments: z.array(erasedCounts),
  audit_entries: z.int().describe("Entries of the audit log that held data of the identity and no longer do."),
  identifier_hash: z.string().describe("SHA-256 of the receipt's id, a colon and the identifier."),
});
