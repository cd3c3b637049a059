/** Rules of a segment that is not stored, as a segment's own would be taken. */
import { drf } from "@burgee/contract";
import { segmentPreviewInput, storeRules } from "@burgee/contract/admin";
import type { DocumentRule } from "@burgee/engine";
import { badRequest } from "../../http/admin-door.ts";

export function readRules(rules: unknown): readonly DocumentRule[] {
  const parsed = drf.parse(segmentPreviewInput, { rules });
  if (!parsed.ok) throw badRequest(parsed.body);
  return storeRules(parsed.value.rules);
}
