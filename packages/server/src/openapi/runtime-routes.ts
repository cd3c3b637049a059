/** The runtime (SDK) API, described: its routes are written for speed and define no schemas of their own. */
import { environmentDocumentSchema } from "@burgee/contract/document";
import {
  analyticsV2Schema,
  bulkIdentifySchema,
  detailSchema,
  flagSchema,
  flagValueSchema,
  identifySchema,
  identityFlagSchema,
  identityResponseSchema,
} from "@burgee/contract/sdk";
import { z } from "zod";
import { ofrepRoutes } from "./ofrep-routes.ts";
import { olderRoutes } from "./older-routes.ts";
import type { RuntimeRoute } from "./runtime-route.ts";
import { serviceRoutes } from "./service-routes.ts";

const identifier = { identifier: "Who is asking." };
const oneFlag = "Name of a feature: only that flag is answered, bare.";
const counts = z.record(z.string(), z.int()).describe("How often each feature was evaluated, by its name.");
const anyJson = z.unknown().describe("Any JSON.");
const event = z.object({
  event: z.string().max(256).describe("`$flag_exposure`, or a name of your own."),
  feature_name: z.string().max(2000).nullish().describe("Needed for `$flag_exposure`."),
  identifier: z.string().max(2000).nullish(),
  value: anyJson.optional(),
  traits: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
  metadata: z.record(z.string(), anyJson).nullish(),
  timestamp: z.number().describe("Milliseconds since 1970, after 2020 and less than a day ahead."),
});

const taken = z.object({
  accepted: z.int().describe("How many."),
  rejected: z.array(z.object({ index: z.int().describe("Place in the request."), error: z.string() })),
});

const current: readonly RuntimeRoute[] = [
  {
    method: "get",
    path: "/api/v1/flags/",
    summary: "All flags of the environment",
    description: "What everybody gets: no segments, no percentages, no overrides.",
    query: { feature: oneFlag },
    responses: { 200: z.union([z.array(flagSchema), flagSchema]) },
    key: "any",
  },
  {
    method: "get",
    path: "/api/v1/identities/",
    summary: "Flags and traits of an identity",
    description:
      "An identity that is not known yet is made, unless the call is transient. Without an identifier, 200 says so in detail.",
    query: { ...identifier, transient: "Anything at all: nothing is stored.", feature: oneFlag },
    responses: { 200: z.union([identityResponseSchema, identityFlagSchema, detailSchema]) },
    key: "any",
  },
  {
    method: "post",
    path: "/api/v1/identities/",
    summary: "Identify: set traits, and get flags",
    body: identifySchema,
    responses: { 200: identityResponseSchema },
    key: "any",
  },
  {
    method: "post",
    path: "/api/v1/bulk-identities/",
    summary: "Identify many at once",
    body: bulkIdentifySchema,
    responses: { 200: z.object({}).describe("Always empty.") },
    key: "any",
  },
  {
    method: "get",
    path: "/api/v1/environment-document/",
    summary: "Everything that local evaluation needs",
    description: "Answers 304 to If-Modified-Since and 412 to If-Unmodified-Since.",
    responses: { 200: environmentDocumentSchema, 304: null, 412: null },
    key: "server",
  },
  {
    method: "get",
    path: "/api/v1/flags/{feature}/multivariate-options/",
    summary: "The variants of a feature",
    params: { feature: "The feature's id." },
    responses: {
      200: z.object({ control_value: flagValueSchema, options: z.array(z.object({ value: flagValueSchema })) }),
    },
    key: "any",
  },
  {
    method: "post",
    path: "/api/v1/analytics/flags/",
    summary: "Report evaluations, by feature",
    body: counts,
    responses: { 200: null },
    key: "any",
  },
  {
    method: "post",
    path: "/api/v2/analytics/flags/",
    summary: "Report evaluations, with their outcomes",
    body: analyticsV2Schema,
    responses: { 204: null },
    key: "any",
  },
  {
    method: "post",
    path: "/v1/events",
    summary: "Report events, such as who was shown what",
    description: "Each event stands or falls alone. Without a key it answers 401, as plain text.",
    body: z.object({ events: z.array(event).min(1).max(1000) }),
    responses: {
      202: taken,
      400: z.union([taken, z.object({ error: z.string() }), detailSchema]),
      401: "text/plain",
      403: "text/plain",
    },
    key: "any",
  },
  {
    method: "get",
    path: "/sse/environments/{key}/stream",
    summary: "Stream of changes",
    description:
      'An event `environment_updated` with `{"updated_at": seconds}` after every change; it carries no flags.',
    params: { key: "The client-side key." },
    responses: { 200: "text/event-stream" },
    key: "address",
  },
  {
    method: "get",
    path: "/api/v1/stream/environment/",
    summary: "Stream of an environment's revisions",
    description:
      "Events `ready`, `change` and `reset` with a revision as id and `{revision, updated_at}`. After `Last-Event-ID` it replays what was missed, or says `reset` where that is too long ago.",
    query: {
      key: "A client-side key, for browsers, whose EventSource sends no headers.",
      last_event_id: "Where the header Last-Event-ID cannot be sent.",
    },
    headers: { "Last-Event-ID": "The last revision that was heard." },
    responses: { 200: "text/event-stream" },
    key: "any",
    never: [400, 404],
  },
  {
    method: "get",
    path: "/api/v1/stream/identity/",
    summary: "Stream of one identity: when its flags may have changed",
    description:
      "Events `ready` and `changed`, after every change of configuration, and of this identity's traits and overrides; with a client-side key they say nothing more.",
    query: {
      identifier: "Who. Needed.",
      key: "A client-side key, for browsers, whose EventSource sends no headers.",
    },
    responses: { 200: "text/event-stream" },
    key: "any",
    never: [404],
  },
];

export const runtimeRoutes: readonly RuntimeRoute[] = [...current, ...olderRoutes, ...ofrepRoutes, ...serviceRoutes];
