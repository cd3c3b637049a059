/**
 * POST /v1/events: each event stands or falls alone, and the refused are named by their place. The texts behind
 * `events[i].` are our own; only their beginning is known of Flagsmith's.
 */
import type { TraitValue } from "@burgee/engine";
import { characterFaults, isLongerThan, parse } from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonTypeName } from "../python/python-text.ts";
import { maxIdentifier, maxTraitKey, traitValue } from "./trait-value.ts";

/** One accepted event. `value` is any JSON; `timestamp` in milliseconds since 1970. */
export interface SdkEvent {
  event: string;
  featureName: string | null;
  identifier: string | null;
  value: unknown;
  traits: Record<string, TraitValue> | null;
  metadata: Record<string, unknown> | null;
  timestamp: number;
}

export interface RejectedEvent {
  /** Place in the request's list. */
  index: number;
  error: string;
}

/** `ok` false goes out as it is, with status 400; `ok` true has at least one accepted event, for a 202. */
export type EventsReading =
  | { ok: true; value: { accepted: SdkEvent[]; rejected: RejectedEvent[] } }
  | { ok: false; status: 400; body: { error: string } | { accepted: 0; rejected: RejectedEvent[] } };

/** Lengths in characters, sizes in bytes of JSON, ages in milliseconds. */
export const eventLimits = {
  events: 1000,
  event: 256,
  featureName: 2000,
  value: 128 * 1024,
  traits: 32 * 1024,
  metadata: 8 * 1024,
  earliest: Date.UTC(2020, 0, 1),
  ahead: 24 * 60 * 60 * 1000,
} as const;

/** The one name of Flagsmith's own that a client may send. */
export const exposureEvent = "$flag_exposure";

/** Reads the body; `now` in milliseconds since 1970. Never throws. */
export function readEvents(body: unknown, now: number): EventsReading {
  const events = isDictionary(body) ? body["events"] : undefined;
  if (!Array.isArray(events)) return refuse("events must be a list");
  if (events.length === 0) return refuse("events must be non-empty");
  if (events.length > eventLimits.events) return refuse(`events must have no more than ${eventLimits.events} items`);
  const accepted: SdkEvent[] = [];
  const rejected: RejectedEvent[] = [];
  for (const [index, item] of events.entries()) {
    const read = readEvent(item, now);
    if (typeof read === "string") rejected.push({ index, error: `events[${index}]${read}` });
    else accepted.push(read);
  }
  if (accepted.length === 0) return { ok: false, status: 400, body: { accepted: 0, rejected } };
  return { ok: true, value: { accepted, rejected } };
}

function refuse(error: string): EventsReading {
  return { ok: false, status: 400, body: { error } };
}

function isDictionary(value: unknown): value is Record<string, unknown> {
  return pythonTypeName(value) === "dict";
}

/** The event, or what is wrong with it, beginning with the field's name. */
function readEvent(item: unknown, now: number): SdkEvent | string {
  if (!isDictionary(item)) return " must be an object";
  const { event, feature_name, identifier, value, traits, metadata, timestamp } = item;
  const fault =
    eventNameFault(event, feature_name) ??
    textFault("feature_name", feature_name, eventLimits.featureName) ??
    textFault("identifier", identifier, maxIdentifier) ??
    sizeFault("value", value, eventLimits.value) ??
    traitsFault(traits) ??
    objectFault("metadata", metadata, eventLimits.metadata) ??
    timestampFault(timestamp, now);
  if (fault !== undefined) return fault;
  return {
    event: event as string,
    featureName: (feature_name as string | null | undefined) ?? null,
    identifier: (identifier as string | null | undefined) ?? null,
    value: value ?? null,
    traits: (traits as Record<string, TraitValue> | null | undefined) ?? null,
    metadata: (metadata as Record<string, unknown> | null | undefined) ?? null,
    timestamp: isWholeFloat(timestamp) ? timestamp.float : (timestamp as number),
  };
}

function eventNameFault(event: unknown, featureName: unknown): string | undefined {
  if (typeof event !== "string" || event === "") return ".event must be a non-empty string";
  if (event === exposureEvent) {
    return typeof featureName === "string" && featureName !== "" ? undefined : `.feature_name is required for ${event}`;
  }
  if (event.startsWith("$")) return `.event ${JSON.stringify(event.slice(0, 64))} is reserved`;
  return textFault("event", event, eventLimits.event);
}

function textFault(field: string, value: unknown, limit: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") return `.${field} must be a string`;
  if (isLongerThan(value, limit)) return `.${field} must have no more than ${limit} characters`;
  return characterFaults(value).length === 0 ? undefined : `.${field} holds characters that cannot be stored`;
}

/** The size as the JSON that would be stored; a text that JSON cannot hold (half a surrogate pair) is escaped there. */
function sizeFault(field: string, value: unknown, limit: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
  if (new TextEncoder().encode(text).byteLength > limit) return `.${field} must have no more than ${limit} bytes`;
  return text.includes("\\u0000") ? `.${field} holds characters that cannot be stored` : undefined;
}

function objectFault(field: string, value: unknown, limit: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  return isDictionary(value) ? sizeFault(field, value, limit) : `.${field} must be an object`;
}

const anyTraitValue = traitValue().nullable();

function traitsFault(traits: unknown): string | undefined {
  const fault = objectFault("traits", traits, eventLimits.traits);
  if (fault !== undefined || !isDictionary(traits)) return fault;
  for (const [key, value] of Object.entries(traits)) {
    if (key === "" || isLongerThan(key, maxTraitKey)) return `.traits has a key not of 1 to ${maxTraitKey} characters`;
    if (characterFaults(key).length > 0) return ".traits has a key that cannot be stored";
    if (typeof value === "object" && value !== null && !isWholeFloat(value))
      return ".traits must hold no lists or objects";
    if (!parse(anyTraitValue, value).ok) return `.traits[${JSON.stringify(key)}] is no valid trait value`;
  }
  return undefined;
}

function timestampFault(timestamp: unknown, now: number): string | undefined {
  const at = isWholeFloat(timestamp) ? timestamp.float : timestamp;
  if (typeof at !== "number" || !Number.isFinite(at)) return ".timestamp must be milliseconds since 1970";
  if (at <= eventLimits.earliest) return ".timestamp must be after 2020-01-01";
  return at < now + eventLimits.ahead ? undefined : ".timestamp must be less than 24 hours ahead";
}
