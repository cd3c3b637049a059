/** Features as files: made for download, taken in. Small enough to be done at once, so that the status is known in the answer. */
import { drf } from "@burgee/contract";
import {
  exportInput,
  exportSchema,
  importInput,
  importSchema,
  pageSchema,
  rowId,
  transferQuery,
  transferredFeatureSchema,
} from "@burgee/contract/admin";
import { z } from "zod";
import type { Access } from "../../access/access.ts";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer, badRequest, created } from "../../http/admin-door.ts";
import { answerPage, pageOf } from "../../http/page.ts";
import { refuseDirectWrite } from "./direct-writes.ts";
import { environmentNamed } from "./environment-named.ts";
import { exportFeatures } from "./export-features.ts";
import type { FeatureDeps } from "./feature-changes.ts";
import { findExport, insertTransfer, KEPT_MS, listTransfers, type TransferKind } from "./feature-transfers.store.ts";
import { importFeatures, readFile } from "./import-features.ts";

const tag = "feature transfer";
const MAX_FILE = 1_000_000;

interface Listed {
  readonly id: number;
  readonly environment_id: number;
  readonly created_at: number;
  readonly environment_name: string;
  readonly strategy?: string | null;
}

const presentExport = ({ id, environment_id, created_at, environment_name }: Listed) => ({
  id,
  name: `${environment_name} | ${isoMicros(created_at, "Z").slice(0, 16).replace("T", " ")} UTC`,
  environment_id,
  status: "SUCCESS" as const,
  created_at: isoMicros(created_at, "Z"),
});

const presentImport = ({ id, environment_id, created_at, strategy }: Omit<Listed, "environment_name">) => ({
  id,
  environment_id,
  strategy: strategy ?? "SKIP",
  status: "SUCCESS" as const,
  created_at: isoMicros(created_at, "Z"),
});

/** Files hold every flag's value: they are for those who administer the environment. */
async function administered(access: Access, projectId: number): Promise<number[]> {
  const { project } = await access.project(projectId, "VIEW");
  const seen = await access.visibleEnvironments(project);
  const may = await Promise.all(seen.map((environment) => access.mayInEnvironment({ project, environment }, "ADMIN")));
  return seen.filter((_environment, i) => may[i]).map(({ id }) => id);
}

function mountExports(api: AdminApi, { db, now }: FeatureDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/features/create-feature-export/",
      summary: "Make a file of an environment's features, to be downloaded within two weeks",
      tag,
      body: exportInput,
      responses: { 201: exportSchema },
    },
    async ({ access, body }) => {
      const { environment } = await environmentNamed(access, body.environment_id, "ADMIN");
      const data = JSON.stringify(await exportFeatures(db.kysely, environment.id, body.tag_ids ?? []));
      if (Buffer.byteLength(data) > MAX_FILE) throw badRequest({ detail: "The features take more than 1 MB." });
      const row = {
        environment_id: environment.id,
        kind: "export" as const,
        strategy: null,
        data,
        created_at: now(),
      };
      const id = await insertTransfer(db.kysely, row);
      return created(presentExport({ ...row, id, environment_name: environment.name }));
    },
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/features/download-feature-export/{id}/",
      summary: "The file",
      tag,
      params: drf.object({ id: rowId() }),
      responses: { 200: z.array(transferredFeatureSchema) },
    },
    async ({ access, params: { id } }) => {
      const row = await findExport(db.kysely, id, now() - KEPT_MS);
      await access.environment(row?.environment_id ?? 0, "ADMIN");
      if (!row) throw new AppError("not_found");
      const name = `attachment; filename=feature_export.${id}.json`;
      return answer(200, JSON.parse(row.data ?? "[]"), { "Content-Disposition": name });
    },
  );
}

function mountLists(api: AdminApi, { db, now }: FeatureDeps): void {
  const lists = [
    {
      kind: "export",
      path: "feature-exports/",
      summary: "Files that can be downloaded",
      item: exportSchema,
      present: presentExport,
    },
    {
      kind: "import",
      path: "feature-imports/",
      summary: "What was taken in lately",
      item: importSchema,
      present: presentImport,
    },
  ] as const satisfies readonly { readonly kind: TransferKind; readonly [name: string]: unknown }[];
  for (const { kind, path, summary, item, present } of lists) {
    api.route(
      {
        method: "get",
        path: `/api/v1/projects/{project}/${path}`,
        summary: `${summary}, of environments that the caller administers; newest first`,
        tag,
        params: drf.object({ project: rowId() }),
        query: transferQuery,
        responses: { 200: pageSchema(item) },
      },
      async ({ access, params: { project }, query, request }) => {
        const page = pageOf(query);
        const filter = { kind, environmentIds: await administered(access, project), since: now() - KEPT_MS };
        const { count, rows } = await listTransfers(db.kysely, filter, page.offset, page.limit);
        return answerPage(
          request,
          page,
          count,
          rows.map((row) => present(row)),
        );
      },
    );
  }
}

export function mountFeatureTransfer(api: AdminApi, deps: FeatureDeps): void {
  mountExports(api, deps);
  mountLists(api, deps);
  api.route(
    {
      method: "post",
      path: "/api/v1/features/feature-import/{environment}",
      summary: "Take a file of features in, all of it or nothing; its values and switches go to this environment",
      tag,
      params: drf.object({ environment: rowId() }),
      takesFiles: true,
      body: importInput,
      responses: { 201: importSchema },
    },
    async ({ access, params, body, audited }) => {
      const { project } = await access.environment(params.environment, "VIEW");
      await access.project(project.id, "ADMIN");
      const scope = await access.environment(params.environment, "ADMIN");
      refuseDirectWrite(scope);
      if (Buffer.byteLength(body.file) > MAX_FILE) throw badRequest({ file: ["It has more than 1 MB."] });
      const asked = { file: readFile(body.file), strategy: body.strategy };
      const { id, createdAt } = await importFeatures(deps, { access, audited }, scope, asked);
      const row = { id, environment_id: scope.environment.id, created_at: createdAt, strategy: body.strategy };
      return created(presentImport(row));
    },
  );
}
