import type { WhoMayTable } from "./who-may.ts";

const project = { place: "project", anyOf: ["VIEW_AUDIT_LOG"] } as const;
const organisation = { place: "organisation", anyOf: [] } as const;
const caller = {
  place: "caller",
  anyOf: [],
  also: "That is the log of projects where they hold VIEW_AUDIT_LOG.",
} as const;

export const auditWhoMay: WhoMayTable = {
  "GET /api/v1/audit/": caller,
  "GET /api/v1/audit/{id}/": caller,
  "GET /api/v1/organisations/{organisation}/audit/": organisation,
  "GET /api/v1/organisations/{organisation}/audit/{id}/": organisation,
  "GET /api/v1/projects/{project}/audit/": project,
  "GET /api/v1/projects/{project}/audit/{id}/": project,
  "POST /api/v1/projects/{project}/audit/{id}/undo/": {
    ...project,
    also: "And the right to make the change that is undone.",
  },
};
