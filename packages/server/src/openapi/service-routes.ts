/** What operators and machines ask of the server itself, described. */
import { z } from "zod";
import type { RuntimeRoute } from "./runtime-route.ts";

const tag = "operation";
const state = z.object({ database: z.string().describe("`working`, or what is wrong.") });

const ready = (path: string): RuntimeRoute => ({
  method: "get",
  path,
  summary: "Whether it can serve, its database included",
  description: "JSON where Accept asks for it or `format` is `json`, else a page.",
  query: { format: "`json`, or nothing." },
  responses: { 200: [state, "text/html"], 500: [state, "text/html"] },
  key: "none",
  tag,
});

export const serviceRoutes: readonly RuntimeRoute[] = [
  ready("/health/"),
  ready("/health/readiness/"),
  {
    method: "get",
    path: "/health/liveness/",
    summary: "Whether it runs",
    responses: { 200: z.object({ status: z.literal("ok") }) },
    key: "none",
    tag,
  },
  {
    method: "get",
    path: "/version/",
    summary: "Which release it is",
    responses: {
      200: z.object({
        ci_commit_sha: z.string(),
        image_tag: z.string(),
        has_email_provider: z.boolean(),
        is_enterprise: z.boolean(),
        is_saas: z.boolean(),
        self_hosted_data: z.null(),
        package_versions: z.record(z.string(), z.string()),
      }),
    },
    key: "none",
    tag,
  },
  {
    method: "get",
    path: "/metrics/",
    summary: "Counters, as Prometheus reads them",
    responses: { 200: "text/plain" },
    key: "none",
    tag,
  },
];
