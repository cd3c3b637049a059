/** What a person may ask an organisation for: all that is held about them, and its erasure. */
import { erasureInput, erasureSchema, idParams, subjectAccessSchema, subjectInput } from "@burgee/contract/admin";
import type { AdminApi } from "../../http/admin-door.ts";
import { countErasure, type EraseDeps, erase } from "./erase.ts";
import { readSubject } from "./subject-access.ts";

const tag = "subjects";

export function mountSubjects(api: AdminApi, deps: EraseDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/organisations/{id}/subject-access/",
      summary: "Everything that is held about an identifier, over all environments of the organisation",
      tag,
      params: idParams,
      body: subjectInput,
      responses: { 200: subjectAccessSchema },
    },
    async ({ access, params, body }) => {
      const organisation = await access.organisation(params.id, "ADMIN");
      return readSubject(deps.db, organisation.id, body.identifier, deps.now());
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/organisations/{id}/erasure/",
      summary: "Erase an identifier from all environments of the organisation, and from what the audit log held of it",
      tag,
      params: idParams,
      body: erasureInput,
      responses: { 200: erasureSchema },
    },
    async ({ access, params, body, audited }) => {
      const organisation = await access.organisation(params.id, "ADMIN");
      if (body.dry_run) return countErasure(deps, organisation.id, body.identifier);
      return erase(deps, organisation.id, audited, body.identifier);
    },
  );
}
