/** Reads and runs the cases in spec/http; their README says what the members mean. */
import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DocumentInput } from "./builders.ts";
import { type RawResponse, send } from "./raw-http.ts";

export interface CaseRequest {
  readonly method?: string;
  readonly path: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
}

type FlagRow = readonly [enabled: boolean, value: unknown, variant?: string | null];

export interface CaseResponse {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly contains?: readonly string[];
  readonly lacks?: readonly string[];
  readonly flags?: Readonly<Record<string, FlagRow>>;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly transient?: readonly string[];
  readonly headers?: Readonly<Record<string, string | null>>;
}

interface Step {
  readonly request: CaseRequest;
  readonly response: CaseResponse;
}

export type WireCase = { readonly name: string } & (Step | { readonly steps: readonly Step[] }) & {
    readonly environment?: number;
    readonly stored?: Readonly<Record<string, unknown>>;
  };

export interface CaseFile {
  readonly name: string;
  readonly about: string;
  readonly environments: readonly DocumentInput[];
  readonly cases: readonly WireCase[];
}

const FOLDER = join(import.meta.dir, "http");

const unfold = (text: string): string =>
  text.replace(/<repeat (.+?) (\d+)>/gu, (_, what: string, times: string) => what.repeat(Number(times)));

export function readCaseFiles(): CaseFile[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => {
    const file = JSON.parse(unfold(readFileSync(join(FOLDER, name), "utf8"))) as Omit<CaseFile, "name">;
    return { name: name.replace(".json", ""), ...file };
  });
}

const PLACEHOLDERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  "<any>": (value) => value !== undefined,
  "<int>": (value) => Number.isInteger(value),
  "<string>": (value) => typeof value === "string",
  "<iso>": (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value),
  "<hex32>": (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value),
};
const REST = "<rest>";

/** What is expected, with the actual values in the places that are left open: then plain equality tells the rest. */
function fillIn(expected: unknown, actual: unknown): unknown {
  if (typeof expected === "string" && PLACEHOLDERS[expected]?.(actual)) return actual;
  if (Array.isArray(expected)) {
    const isOpen = expected.at(-1) === REST;
    const filled = (isOpen ? expected.slice(0, -1) : expected).map((item, i) =>
      fillIn(item, (actual as unknown[])?.[i]),
    );
    return isOpen && Array.isArray(actual) ? [...filled, ...actual.slice(filled.length)] : filled;
  }
  if (typeof expected !== "object" || expected === null) return expected;
  const given = (typeof actual === "object" && actual !== null ? actual : {}) as Record<string, unknown>;
  const { [REST]: rest, ...named } = expected as Record<string, unknown>;
  const filled = Object.entries(named).map(([key, value]) => [key, fillIn(value, given[key])]);
  const others = rest === undefined ? [] : Object.entries(given).filter(([key]) => !(key in named));
  return Object.fromEntries([...filled, ...others]);
}

interface WireFlag {
  readonly feature: { readonly name: string };
  readonly enabled: boolean;
  readonly feature_state_value: unknown;
  readonly variant?: string | null;
}

interface WireTrait {
  readonly trait_key: string;
  readonly trait_value: unknown;
  readonly transient: boolean;
}

/** Name to [enabled, value] or, where the body has variants, [enabled, value, variant]. */
export function flagRows(body: unknown): Record<string, FlagRow> {
  const flags = (Array.isArray(body) ? body : (body as { flags: unknown[] }).flags) as WireFlag[];
  return Object.fromEntries(
    flags.map(({ feature, enabled, feature_state_value: value, variant }) => [
      feature.name,
      variant === undefined ? [enabled, value] : [enabled, value, variant],
    ]),
  );
}

function expectHeaders(response: RawResponse, expected: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const actual = response.headers[name];
    if (value === null) expect(actual, name).toBeUndefined();
    else if (value === "<any>") expect(actual, name).toBeDefined();
    else if (value.startsWith("/") && value.endsWith("/")) expect(actual, name).toMatch(new RegExp(value.slice(1, -1)));
    else expect(actual, name).toBe(value);
  }
}

function expectResponse(response: RawResponse, expected: CaseResponse): void {
  expect(`${response.status} ${response.status === expected.status ? "" : response.text.slice(0, 500)}`.trim()).toBe(
    String(expected.status),
  );
  if ("json" in expected) {
    const body: unknown = JSON.parse(response.text);
    expect(body).toEqual(fillIn(expected.json, body));
  }
  if (expected.text !== undefined) expect(response.text).toBe(expected.text);
  for (const part of expected.contains ?? []) expect(response.text).toContain(part);
  for (const part of expected.lacks ?? []) expect(response.text).not.toContain(part);
  if (expected.flags) expect(flagRows(JSON.parse(response.text))).toEqual(expected.flags as never);
  const traits = () => (JSON.parse(response.text) as { traits: WireTrait[] }).traits;
  if (expected.traits) {
    const actual = new Map(traits().map((trait) => [trait.trait_key, trait.trait_value]));
    expect(actual).toEqual(new Map(Object.entries(expected.traits)));
  }
  if (expected.transient) {
    const actual = traits().filter((trait) => trait.transient);
    expect(actual.map((trait) => trait.trait_key).sort()).toEqual([...expected.transient].sort());
  }
  if (expected.headers) expectHeaders(response, expected.headers);
}

function sendCase(port: number, { method, path, key, headers, json, body }: CaseRequest): Promise<RawResponse> {
  const payload = json === undefined ? body : JSON.stringify(json);
  return send(port, {
    ...(method === undefined ? {} : { method }),
    path,
    headers: {
      ...(key === undefined ? {} : { "X-Environment-Key": key }),
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
}

export async function runCase(port: number, wireCase: WireCase): Promise<void> {
  const steps = "steps" in wireCase ? wireCase.steps : [wireCase];
  for (const { request, response } of steps) expectResponse(await sendCase(port, request), response);
}
