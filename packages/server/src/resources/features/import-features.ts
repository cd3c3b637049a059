/** Takes a file of features in, all of it or nothing: what is there already stays, or is deleted and made anew. */
import { drf } from "@burgee/contract";
import {
  type FlagValue,
  presentTypedValue,
  readFlagValue,
  type TransferredFeature,
  transferredFeatureInput,
} from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { lockEnvironment, lockProject } from "../../db/lock-rows.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { addFeature, auditFeature, type FeatureDeps, featureEntry } from "./feature-changes.ts";
import { insertTransfer } from "./feature-transfers.store.ts";
import { deleteFeature, environmentIds, type FeatureRow, findByName, findFeature } from "./features.store.ts";
import { holdState, stateEntry, writeState } from "./state-changes.ts";
import { findDefault } from "./states.store.ts";

type Trx = Parameters<typeof addFeature>[0];

const fileSchema = drf.list(transferredFeatureInput, { maxLength: 1000 });

/** Throws the refusal that names the place in the file. */
export function readFile(text: string): readonly TransferredFeature[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest({ file: ["It is not JSON."] });
  }
  const parsed = drf.parse(fileSchema, value);
  if (!parsed.ok) throw badRequest({ file: parsed.body });
  const features = parsed.value as readonly TransferredFeature[];
  const names = new Set(features.map(({ name }) => name.toLowerCase()));
  if (names.size < features.length) throw badRequest({ file: ["It names a feature twice."] });
  return features;
}

function readValue(value: unknown, name: string): FlagValue {
  const read = readFlagValue(value ?? null);
  if (!read.ok) throw badRequest({ file: [`${name}: ${read.problem}`] });
  return read.value;
}

interface Step {
  readonly trx: Trx;
  readonly access: Access;
  readonly scope: EnvironmentScope;
  readonly now: number;
  readonly entries: AuditEntry[];
}

async function insert({ trx, access, scope, now, entries }: Step, wanted: TransferredFeature): Promise<void> {
  const { name } = wanted;
  const variants = wanted.multivariate ?? [];
  const body = {
    name,
    initial_value: wanted.initial_value ?? null,
    default_enabled: wanted.default_enabled,
    is_server_key_only: wanted.is_server_key_only ?? false,
    multivariate_options: variants.map((variant) => ({
      ...presentTypedValue(readValue(variant.value, name)),
      default_percentage_allocation: variant.default_percentage_allocation,
    })),
  };
  const { row, optionIds, entry } = await addFeature(trx, { project: scope.project, access, now }, body);
  entries.push(entry);
  const state = await findDefault(trx, scope.environment.id, row.id);
  if (!state) throw new AppError("internal");
  const before = await holdState(trx, state, null);
  const shares = new Map(optionIds.map((id, i) => [id, variants[i]?.percentage_allocation ?? 0]));
  if ([...shares.values()].reduce((sum, share) => sum + share, 0) > 100.000001) {
    throw badRequest({ file: [`${name}: Multivariate percentage values exceed 100%.`] });
  }
  const change = { enabled: wanted.enabled, value: readValue(wanted.value, name), shares };
  const after = await writeState(trx, before, change, now);
  if (after !== before) entries.push(stateEntry({ ...scope, feature: row }, [before, after]));
}

async function remove({ trx, scope, entries }: Step, row: FeatureRow): Promise<void> {
  const before = await auditFeature(trx, row);
  await deleteFeature(trx, row);
  entries.push(featureEntry(scope.project, row, { action: "DELETE", before, after: null }));
}

/** Which features are refused is said with their names, since a file holds many. */
async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const body = error instanceof AppError && error.code === "invalid" ? error.details["body"] : undefined;
    if (body === undefined || (typeof body === "object" && body !== null && "file" in body)) throw error;
    throw badRequest({ file: [`${name}: ${JSON.stringify(body)}`] });
  }
}

export const importFeatures = (
  { db, changes, now }: FeatureDeps,
  { access, audited }: { readonly access: Access; readonly audited: RequestInfo },
  scope: EnvironmentScope,
  {
    file,
    strategy,
  }: { readonly file: readonly TransferredFeature[]; readonly strategy: "SKIP" | "OVERWRITE_DESTRUCTIVE" },
): Promise<{ readonly id: number; readonly createdAt: number }> =>
  changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    if (!project) throw new AppError("not_found");
    await lockEnvironment(db, trx, scope.environment.id);
    const step: Step = { trx, access, scope: { ...scope, project }, now: now(), entries: [] };
    for (const wanted of file) {
      const held = await findByName(trx, project.id, wanted.name.toLowerCase());
      if (held && strategy === "SKIP") continue;
      const row = held && (await findFeature(trx, project.id, held.id));
      if (row) await remove(step, row);
      await named(wanted.name, () => insert(step, wanted));
    }
    const createdAt = step.now;
    const id = await insertTransfer(trx, {
      environment_id: scope.environment.id,
      kind: "import",
      strategy,
      data: null,
      created_at: createdAt,
    });
    const environments = step.entries.length > 0 ? await environmentIds(trx, project.id) : [];
    return { result: { id, createdAt }, entries: step.entries, environments };
  });
