/** Arbitrary JSON reaches the engine, so every read goes through these: own properties only, and never an exception. */

export type JsonRecord = Readonly<Record<string, unknown>>;

const EMPTY_RECORD: JsonRecord = Object.freeze({});
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asRecord(value: unknown): JsonRecord {
  return isRecord(value) ? value : EMPTY_RECORD;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : EMPTY_LIST;
}

export function asNumber(value: unknown): number | null {
  return typeof value === "number" && !Number.isNaN(value) ? value : null;
}

/** The own property `name`, or undefined: "constructor" and "__proto__" are names like any other. */
export function ownValue(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? (record as JsonRecord)[name] : undefined;
}

/** Sets an own property even where plain assignment would change the prototype. */
export function setOwn<T>(record: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__") {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    record[name] = value;
  }
}

export function byName<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const record: Record<string, T> = {};
  for (const [name, value] of entries) setOwn(record, name, value);
  return record;
}
