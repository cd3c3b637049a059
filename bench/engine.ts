/**
 * The engine against flagsmith-nodejs's own, on the same documents and identities. Theirs gets its contexts mapped
 * beforehand, ours its document compiled beforehand: only evaluation is timed, in turns, so that both meet the same
 * weather.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildEnvironmentModel } from "../node_modules/flagsmith-nodejs/build/esm/flagsmith-engine/environments/util.js";
import { getEvaluationContext } from "../node_modules/flagsmith-nodejs/build/esm/flagsmith-engine/evaluation/evaluationContext/mappers.js";
import { getEvaluationResult } from "../node_modules/flagsmith-nodejs/build/esm/flagsmith-engine/index.js";
import { compile, decide, type EnvironmentDocument, evaluate, type Identity } from "../packages/engine/src/index.ts";
import { type DocumentSize, documentsAreShared, documentText } from "./documents.ts";
import { identityAt } from "./identity-generator.ts";
import { type BenchOptions, type BenchRow, figure, median } from "./row.ts";

export const name = "engine";

interface Size {
  readonly document: DocumentSize;
  readonly what: string;
  /** Evaluations a round, of theirs; ours gets more, to last about as long. */
  readonly calls: number;
}

const SIZES: readonly Size[] = [
  { document: "small", what: "10 features, 5 segments", calls: 1024 },
  { document: "medium", what: "100 features, 100 segments", calls: 128 },
  { document: "large", what: "500 features, 500 segments", calls: 32 },
];

/** How many of ours are timed for one of theirs. */
const OURS_PER_THEIRS = 16;
const ROUNDS = 31;
const QUICK_ROUNDS = 3;
const IDENTITIES = 1024;
const SEED = 1;

export function run(options: BenchOptions): BenchRow[] {
  const identities = readIdentities();
  return SIZES.flatMap((size) => {
    options.progress(size.what);
    return compare(size, identities, options.quick ? QUICK_ROUNDS : ROUNDS);
  });
}

type Call = (index: number) => unknown;

function compare(size: Size, identities: readonly Identity[], rounds: number): BenchRow[] {
  const document = JSON.parse(documentText(size.document)) as EnvironmentDocument;
  const theirs = theirCall(document, identities);
  const compiled = compile(document);
  const identity = (index: number) => identities[index % identities.length] as Identity;
  const whole: Call = (index) => evaluate(compiled, identity(index));
  const hot: Call = (index) => decide(compiled, identity(index));
  const samples: { theirs: number; evaluate: number; decide: number }[] = [];
  // The first tenth warms up both sides and is thrown away.
  const warmUp = Math.ceil(rounds / 10);
  for (let round = -warmUp; round < rounds; round += 1) {
    const sample = {
      theirs: microseconds(theirs, size.calls, round),
      evaluate: microseconds(whole, size.calls * OURS_PER_THEIRS, round),
      decide: microseconds(hot, size.calls * OURS_PER_THEIRS, round),
    };
    if (round >= 0) samples.push(sample);
  }
  const middle = (pick: (sample: (typeof samples)[number]) => number) => median(samples.map(pick));
  const note = (ours: number) =>
    `ours ${figure(ours)} us, flagsmith-nodejs ${figure(middle((sample) => sample.theirs))} us, median of ${rounds} rounds`;
  return [
    {
      what: `evaluate, ${size.what}: times faster than flagsmith-nodejs's engine`,
      value: middle((sample) => sample.theirs / sample.evaluate),
      unit: "x",
      must: 20,
      aim: 50,
      better: "higher",
      note: note(middle((sample) => sample.evaluate)),
    },
    {
      what: `decide (what the server calls), ${size.what}: times faster`,
      value: middle((sample) => sample.theirs / sample.decide),
      unit: "x",
      better: "higher",
      note: note(middle((sample) => sample.decide)),
    },
  ];
}

type TheirContext = Parameters<typeof getEvaluationResult>[0];

/** Their engine, with one context an identity that shares the environment's part, as their SDK would hold it. */
function theirCall(document: EnvironmentDocument, identities: readonly Identity[]): Call {
  const base = getEvaluationContext(buildEnvironmentModel(document));
  const contexts = identities.map(
    ({ identifier, traits }) => ({ ...base, identity: { identifier, traits: traits ?? {} } }) as TheirContext,
  );
  return (index) => getEvaluationResult(contexts[index % contexts.length] as TheirContext);
}

/** The time of one call, over `calls` of them. Each round starts at another identity. */
function microseconds(call: Call, calls: number, round: number): number {
  const first = (round + 100) * 37;
  const start = performance.now();
  for (let index = 0; index < calls; index += 1) call(first + index);
  return ((performance.now() - start) * 1000) / calls;
}

/** The shared ones, or else as many of the same kind. */
function readIdentities(): readonly Identity[] {
  if (!documentsAreShared()) return Array.from({ length: IDENTITIES }, (_, index) => identityAt(SEED, index));
  const path = join(import.meta.dir, "..", "..", "shared", "conformance", "documents", "identities.json");
  return JSON.parse(readFileSync(path, "utf8")) as Identity[];
}
