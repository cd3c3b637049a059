/** Settings carry no version: what is there is read again before it is written over, so that nobody's change is lost unseen. */
import { api } from "./client.ts";

type Fields = Readonly<Record<string, unknown>>;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const fieldsOf = (thing: object): Fields => ({ ...thing });

/** What of `wanted` is not as it was `seen`. */
export function changedFields(seen: object, wanted: Fields): Fields {
  const before = fieldsOf(seen);
  return Object.fromEntries(Object.entries(wanted).filter(([field, value]) => !isSame(before[field], value)));
}

/** A sentence where somebody else has changed a field to something else than is wanted; undefined = nobody has. */
export function conflictOf(seen: object, now: object, changed: Fields): string | undefined {
  const [before, there] = [fieldsOf(seen), fieldsOf(now)];
  const field = Object.keys(changed).find(
    (name) => !isSame(there[name], before[name]) && !isSame(there[name], changed[name]),
  );
  if (field === undefined) return undefined;
  const value = there[field];
  const isPlain = ["string", "number", "boolean"].includes(typeof value) && value !== "" && field !== "secret";
  const said = isPlain ? ` to “${String(value)}”` : "";
  return `Somebody else has changed the ${field.replaceAll("_", " ")}${said} meanwhile. Nothing of yours was stored; load the page again and look.`;
}

/** Stores those fields of `wanted` that differ from what was `seen`. */
export async function patchSeen<T extends object>(path: string, seen: T, wanted: Fields): Promise<T> {
  const changed = changedFields(seen, wanted);
  const now = await api.get<T>(path);
  const conflict = conflictOf(seen, now, changed);
  if (conflict !== undefined) throw new Error(conflict);
  return Object.keys(changed).length === 0 ? now : api.patch<T>(path, changed);
}
