/** The environment document for people and tools: what SDKs get with a server-side key. */
import { drf } from "@burgee/contract";
import { environmentDocumentSchema } from "@burgee/contract/document";
import type { Db } from "../../db/database.ts";
import type { Documents } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import type { AdminApi } from "../../http/admin-door.ts";
import { buildDocument } from "./environment-document.sdk.ts";

export interface EnvironmentDocumentDeps {
  readonly db: Db;
  readonly documents: Documents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function mountEnvironmentDocument(api: AdminApi, { db, documents, now }: EnvironmentDocumentDeps): void {
  api.route(
    {
      method: "get",
      path: "/api/v1/environments/{key}/document/",
      summary: "Everything a client needs to evaluate by itself",
      tag: "environments",
      params: drf.object({ key: drf.string() }),
      responses: { 200: environmentDocumentSchema },
    },
    // It names every identity that has an override, so seeing the environment is not enough.
    async ({ access, params }) => {
      const { environment } = await access.environment(params.key, "ADMIN");
      const loaded = await documents.get(environment.id);
      if (!loaded) throw new AppError("not_found");
      return (await buildDocument(db, loaded, now())).document;
    },
  );
}
