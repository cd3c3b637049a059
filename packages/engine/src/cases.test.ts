/** Runs spec/engine: our own cases, which no programming language owns. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type EvaluationContext, evaluate, explain } from "./index.ts";

interface Case {
  readonly name: string;
  readonly context: EvaluationContext;
  readonly result: unknown;
}

const FOLDER = join(import.meta.dir, "..", "..", "..", "spec", "engine");

function readCases(file: string): readonly Case[] {
  const cases = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Case | readonly Case[];
  return "context" in cases ? [cases] : cases;
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
  describe(file, () => {
    for (const { name, context, result } of readCases(file)) {
      test(name, () => {
        const before = JSON.stringify(context);
        const got: unknown = evaluate(context);
        expect(got).toStrictEqual(result);
        expect(JSON.stringify(context)).toBe(before);
      });

      test(`${name} (explained)`, () => {
        const { flags, segments } = evaluate(context);
        const trace = explain(context);
        expect(Object.fromEntries(trace.flags.map((flag) => [flag.name, flag.result]))).toEqual(flags);
        expect(trace.segments.filter((segment) => segment.matched).map((segment) => segment.name)).toEqual(
          segments.map((segment) => segment.name),
        );
      });
    }
  });
}
