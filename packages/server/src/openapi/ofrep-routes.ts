/** OpenFeature's remote evaluation protocol, described. */
import { z } from "zod";
import type { RuntimeRoute } from "./runtime-route.ts";

const tag = "OpenFeature";

const request = z.object({
  context: z
    .object({ targetingKey: z.string().describe("Who is asking: the identifier.") })
    .catchall(z.unknown().describe("A trait, for this call unless the header says otherwise."))
    .describe("OpenFeature's evaluation context."),
});

const evaluated = z.object({
  key: z.string().describe("The feature's name."),
  reason: z.enum(["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED"]),
  value: z
    .union([z.boolean(), z.string(), z.number(), z.record(z.string(), z.unknown().describe("Any JSON."))])
    .optional()
    .describe("Left out where the client shall use its own default."),
  variant: z.string().describe("The variant that was drawn; where there are none, what decided."),
  metadata: z.object({
    flagId: z.int(),
    enabled: z.boolean(),
    source: z.enum(["identity", "segment", "default"]).describe("What decided."),
    segment: z.string().optional().describe("Its name; for server-side keys."),
  }),
});

const refused = z.object({
  key: z.string().optional(),
  errorCode: z.enum(["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"]),
  errorDetails: z.string().optional(),
});
const failed = z.object({ errorDetails: z.string() });

const refusals = { 400: refused, 401: failed, 403: failed, 429: refused } as const;
const persists = { "X-Burgee-Persist-Traits": "`true` stores the context's attributes as traits of the identity." };

export const ofrepRoutes: readonly RuntimeRoute[] = [
  {
    method: "post",
    path: "/ofrep/v1/evaluate/flags/{flag}",
    summary: "Evaluate one flag",
    params: { flag: "The feature's name." },
    headers: persists,
    body: request,
    responses: { 200: evaluated, ...refusals, 404: refused },
    key: "bearer",
    tag,
    never: [415],
  },
  {
    method: "post",
    path: "/ofrep/v1/evaluate/flags",
    summary: "Evaluate all flags",
    description: "With an ETag over the whole answer; answers 304 to If-None-Match.",
    query: {
      flagConfigEtag: "What an event said: the answer is not older than that.",
      flagConfigLastModified: "The same as a time: seconds since 1970, or ISO 8601.",
    },
    headers: persists,
    body: request,
    responses: {
      200: z.object({
        flags: z.array(evaluated),
        metadata: z.object({ version: z.int() }),
        eventStreams: z.array(
          z.object({
            type: z.literal("sse"),
            endpoint: z.object({ requestUri: z.string() }),
            inactivityDelaySec: z.int(),
          }),
        ),
      }),
      304: null,
      ...refusals,
    },
    key: "bearer",
    tag,
    never: [404, 415],
  },
  {
    method: "get",
    path: "/ofrep/v1/sse",
    summary: "Stream of changes: when to evaluate again",
    description: "The address is what `eventStreams` said: of one identity, and as it is.",
    query: {
      key: "The client-side key. Needed.",
      target: "The identity, by the name that `eventStreams` gave it; left out: the environment.",
    },
    responses: { 200: "text/event-stream" },
    key: "address",
    tag,
    never: [400],
  },
];
