/** `burgee import environment-document`: one environment, with everything it brings along, in one audited transaction. */
import { randomBytes } from "node:crypto";
import { parseJson } from "@burgee/contract";
import { readEnvironmentDocument } from "@burgee/contract/document";
import type { Changes } from "../../changes/commit.ts";
import { isAppError } from "../../errors.ts";
import {
  checkEnvironment,
  checkFeatures,
  checkIdentities,
  checkOptions,
  checkOwners,
  checkSegments,
  checkStates,
} from "./import-checks.ts";
import { type ImportPlan, planImport } from "./import-plan.ts";
import { ImportError } from "./import-problems.ts";
import { writeIdentities } from "./write-identities.ts";
import {
  type WriteContext,
  writeEnvironment,
  writeFeatures,
  writeMissingStates,
  writeOwners,
  writeSegments,
  writeStates,
} from "./write-import.ts";

export interface ImportRequest {
  /** The file's text. */
  readonly text: string;
  /** `ser.…`; made up where absent. */
  readonly serverKey?: string | undefined;
  readonly actor: string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ImportResult {
  readonly organisation: string;
  readonly project: string;
  readonly environment: string;
  readonly clientKey: string;
  readonly serverKey: string;
  readonly features: number;
  readonly segments: number;
  readonly segmentOverrides: number;
  readonly identities: number;
  readonly identityOverrides: number;
  /** Places of what was left out, with the reason. */
  readonly skipped: readonly string[];
}

const SERVER_KEY = /^ser\.[!-~]{1,96}$/;

function readServerKey(given: string | undefined): string {
  const key = given ?? `ser.${randomBytes(18).toString("base64url")}`;
  if (SERVER_KEY.test(key)) return key;
  throw new ImportError([
    { path: "--server-key", message: 'a server key starts with "ser." and has 5 to 100 printable characters' },
  ]);
}

function readPlan(text: string): ImportPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The runtime's own parser says what is wrong, but not where.
    const read = parseJson(text);
    throw new ImportError([{ path: "", message: `not JSON: ${read.ok ? "unreadable" : read.detail}` }]);
  }
  const read = readEnvironmentDocument(value);
  if (!read.ok) throw new ImportError(read.problems);
  return planImport(read.document);
}

function summary(plan: ImportPlan, serverKey: string): ImportResult {
  const { document } = plan;
  return {
    organisation: document.project.organisation.name,
    project: document.project.name,
    environment: document.name ?? String(document.id),
    clientKey: document.api_key,
    serverKey,
    features: plan.features.length,
    segments: document.project.segments.length,
    segmentOverrides: plan.states.filter((state) => state.segmentId !== null).length,
    identities: plan.identities.length,
    identityOverrides: plan.overrides.length,
    skipped: plan.skipped.map(({ path, message }) => `${path}: ${message}`),
  };
}

/** Throws ImportError, with nothing written, for a broken file or a clash. */
export async function importDocument(
  changes: Changes,
  now: () => number,
  request: ImportRequest,
): Promise<ImportResult> {
  try {
    return await writeDocument(changes, now, request);
  } catch (error) {
    // Somebody else wrote the same between the look for clashes and the write; the database names only the columns.
    if (!isAppError(error, "conflict")) throw error;
    throw new ImportError([
      { path: "", message: `something like it exists already: ${JSON.stringify(error.details)}` },
    ]);
  }
}

async function writeDocument(changes: Changes, now: () => number, request: ImportRequest): Promise<ImportResult> {
  const serverKey = readServerKey(request.serverKey);
  const plan = readPlan(request.text);
  const { document } = plan;
  const onProgress = request.onProgress ?? (() => {});
  return changes.commit({ actor: request.actor, requestId: null }, async (trx) => {
    const context: WriteContext = { trx, plan, now: now(), serverKey, onProgress };
    const held = await checkOwners(trx, plan);
    await checkEnvironment(trx, plan, serverKey);
    const features = await checkFeatures(trx, plan);
    const options = await checkOptions(trx, plan);
    const segments = await checkSegments(trx, plan);
    await checkStates(trx, plan);
    await checkIdentities(trx, plan);
    await writeOwners(context, held);
    await writeEnvironment(context);
    await writeFeatures(context, { features, options });
    await writeSegments(context, segments);
    await writeStates(context);
    await writeIdentities(context);
    await writeMissingStates(context);
    const result = summary(plan, serverKey);
    const { serverKey: _secret, ...after } = result;
    return {
      result,
      projects: [document.project.id],
      entries: [
        {
          action: "CREATE",
          objectType: "environment",
          objectId: String(document.id),
          organisationId: document.project.organisation.id,
          projectId: document.project.id,
          environmentId: document.id,
          log: `Imported environment ${result.environment} from a document`,
          before: null,
          after,
        },
      ],
    };
  });
}
