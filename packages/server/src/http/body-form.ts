/**
 * Forms, flat by nature, unfolded into what the same request would be as JSON: `traits[0]trait_key=a` (Django REST's
 * spelling), `traits[0][trait_key]=a` and `identity.identifier=a`. All values are texts.
 */
import { parameterOf } from "./body-text.ts";

export type Form = { ok: true; value: unknown } | { ok: false; detail: string };

/** Deeper and longer names are kept as they are, as one key. */
const maxNameParts = 8;
const maxNameLength = 1000;

/** Reads application/x-www-form-urlencoded text. Never throws. */
export function readForm(text: string, maxFields: number): Form {
  if (countOf("&", text) >= maxFields) return tooManyFields(maxFields);
  return { ok: true, value: unfold(new URLSearchParams(text)) };
}

/** Reads multipart/form-data; files in it are passed over, or taken as the text they hold. Never throws. */
export async function readMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  maxFields: number,
  keepFiles = false,
): Promise<Form> {
  if (parameterOf(contentType, "boundary") === undefined) return multipartFault("Invalid boundary in multipart: None");
  try {
    const form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
    const texts: [string, string][] = [];
    for (const [name, value] of form) {
      if (typeof value === "string") texts.push([name, value]);
      else if (keepFiles) texts.push([name, await value.text()]);
    }
    return texts.length > maxFields ? tooManyFields(maxFields) : { ok: true, value: unfold(texts) };
  } catch {
    return multipartFault("The body is no multipart form");
  }
}

function multipartFault(reason: string): Form {
  return { ok: false, detail: `Multipart form parse error - ${reason}` };
}

function tooManyFields(maxFields: number): Form {
  return { ok: false, detail: `The number of form fields exceeds the limit of ${maxFields}.` };
}

function countOf(needle: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) count += 1;
  return count;
}

/** Positions are numbers and names texts, as in `traits[0][trait_key]`. */
type Branch = Map<string | number, Branch | string>;

function unfold(entries: Iterable<[string, string]>): unknown {
  const root: Branch = new Map();
  for (const [name, value] of entries) plant(root, partsOf(name), value);
  return harvest(root);
}

function plant(root: Branch, parts: readonly (string | number)[], value: string): void {
  let branch = root;
  for (const part of parts.slice(0, -1)) {
    const known = branch.get(part);
    const next: Branch = known instanceof Map ? known : new Map();
    branch.set(part, next);
    branch = next;
  }
  const last = parts.at(-1) ?? "";
  // A name that also has parts below it keeps the parts: `traits=x` says nothing beside `traits[0]...`.
  if (!(branch.get(last) instanceof Map)) branch.set(last, value);
}

const nameShape = /^[^.[\]]*(?:\[[^[\]]*\](?:[^.[\]]+)?|\.[^.[\]]+)*$/;

function partsOf(name: string): readonly (string | number)[] {
  if (name.length > maxNameLength || !/[.[]/.test(name) || !nameShape.test(name)) return [name];
  const parts = [...name.matchAll(/\[(?<bracketed>[^[\]]*)\]|(?<plain>[^.[\]]+)/g)].map(({ groups }) => {
    const bracketed = groups?.["bracketed"];
    return bracketed !== undefined && /^\d{1,9}$/.test(bracketed)
      ? Number(bracketed)
      : (bracketed ?? groups?.["plain"] ?? "");
  });
  return parts.length > maxNameParts || parts.length === 0 ? [name] : parts;
}

/** Positions only count by their order: `a[5]` and `a[9]` are a list of two, and no huge position makes a huge list. */
function harvest(branch: Branch | string): unknown {
  if (typeof branch === "string") return branch;
  const keys = [...branch.keys()];
  if (keys.length > 0 && keys.every((key) => typeof key === "number")) {
    return keys.sort((a, b) => a - b).map((key) => harvest(branch.get(key) ?? ""));
  }
  return Object.fromEntries(keys.map((key) => [String(key), harvest(branch.get(key) ?? "")]));
}
