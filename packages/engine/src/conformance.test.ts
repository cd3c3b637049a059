/** The published cases, read where they lie: they have no licence and are not copied into the project. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentDocument } from "./document.ts";
import { compile, type EvaluationContext, evaluate, explain, percentage } from "./index.ts";

const FOLDER = join(import.meta.dir, "..", "..", "..", "..", "shared", "conformance");
const isThere = existsSync(FOLDER);
if (!isThere) console.warn("conformance.test.ts: skipped, because ../shared/conformance is not there.");

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(FOLDER, ...path), "utf8")) as T;
}

interface Row {
  readonly operator: string;
  readonly value: string | string[];
  readonly trait?: string | number | boolean | null;
  readonly matches: boolean;
}

function contextOf(row: Row): EvaluationContext {
  const condition = { property: "p", operator: row.operator, value: row.value };
  return {
    environment: { key: "env", name: "Environment" },
    identity: { identifier: "someone", traits: row.trait === undefined ? {} : { p: row.trait } },
    segments: { s: { key: "s", name: "s", rules: [{ type: "ALL", conditions: [condition] }] } },
    features: {},
  };
}

interface HashVector {
  readonly ids: string[];
  readonly percentage: number;
}

describe.if(isThere)("published conformance data", () => {
  for (const file of isThere ? readdirSync(join(FOLDER, "engine", "cases")) : []) {
    test(`case ${file}`, () => {
      const { context, result } = read<{ context: EvaluationContext; result: unknown }>("engine", "cases", file);
      const got: unknown = evaluate(context);
      expect(got).toStrictEqual(result);
    });
  }

  test("every operator, value and trait that was recorded comes out the same", () => {
    const rows = read<Row[]>("engine", "operators.json");
    const wrong = rows.filter((row) => (evaluate(contextOf(row)).segments.length === 1) !== row.matches);
    expect(rows.length).toBeGreaterThan(5000);
    expect(wrong).toEqual([]);
  });

  test("explanations of them agree", () => {
    const wrong = read<Row[]>("engine", "operators.json").filter((row) => {
      const [segment] = explain(contextOf(row)).segments;
      return segment?.matched !== row.matches || segment?.rules[0]?.conditions[0]?.matched !== row.matches;
    });
    expect(wrong).toEqual([]);
  });

  test("hashes give exactly the recorded percentages", () => {
    const vectors = read<HashVector[]>("engine", "hash-vectors.json");
    expect(vectors.map(({ ids }) => percentage(ids))).toEqual(vectors.map((vector) => vector.percentage));
  });

  test("the example documents compile to as many features and segments as they hold", () => {
    for (const file of ["small.json", "medium.json", "large.json"]) {
      const document = read<EnvironmentDocument>("documents", file);
      const compiled = compile(document);
      expect(compiled.features.length).toBe(document.feature_states.length);
      expect(compiled.segments.length).toBe(document.project.segments.length);
    }
  });
});
