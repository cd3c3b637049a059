/** Reads a Flagsmith environment document (GET environment-document/) that is to be imported. */
import type { EnvironmentDocument } from "@burgee/engine";
import { isDeeperThan } from "../json/depth.ts";
import { maxJsonDepth, parseJson } from "../json/parse-json.ts";
import { checkConsistency } from "./consistency.ts";
import { type DocumentLimits, defaultDocumentLimits } from "./limits.ts";
import { type DocumentProblem, documentErrorMap, toProblem } from "./problems.ts";
import { documentSchema } from "./shape.ts";

/** A sound document with every default filled in, or what is wrong with it: at least one problem, at most the limit. */
export type DocumentReading =
  | { ok: true; document: EnvironmentDocument }
  | { ok: false; problems: readonly DocumentProblem[] };

/** Reads a parsed document, by JSON.parse or by {@link parseJson}. Keys it does not know are dropped. Never throws. */
export function readEnvironmentDocument(value: unknown, limits: Partial<DocumentLimits> = {}): DocumentReading {
  const allLimits = { ...defaultDocumentLimits, ...limits };
  if (isDeeperThan(value, maxJsonDepth)) return refuse("", "nests lists and objects too deep");
  const result = documentSchema(allLimits).safeParse(value, { error: documentErrorMap });
  if (!result.success) return { ok: false, problems: result.error.issues.slice(0, allLimits.problems).map(toProblem) };
  const problems = checkConsistency(result.data, allLimits);
  return problems.length === 0 ? { ok: true, document: result.data } : { ok: false, problems };
}

/** Reads a document's text. Never throws. */
export function parseEnvironmentDocument(text: string, limits: Partial<DocumentLimits> = {}): DocumentReading {
  const { bytes } = { ...defaultDocumentLimits, ...limits };
  if (new TextEncoder().encode(text).byteLength > bytes) return refuse("", `is longer than ${bytes} bytes`);
  const parsed = parseJson(text);
  return parsed.ok ? readEnvironmentDocument(parsed.value, limits) : refuse("", `is no JSON: ${parsed.detail}`);
}

function refuse(path: string, message: string): DocumentReading {
  return { ok: false, problems: [{ path, message }] };
}
