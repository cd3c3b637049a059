/** POST identities that change nothing, against a bare Bun.serve that parses the same body and answers as many bytes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBodies } from "./bodies.ts";
import { clientKey, type DocumentSize } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { applyLoad, generatorKeepsUp } from "./load.ts";
import { type BenchServer, SERVER_CORE, startProduct, startScript } from "./processes.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";

export const name = "identities";

const PATH = "/api/v1/identities/";
const GOALS = { small: { must: 0.35, aim: 0.6 }, medium: { must: 0.15, aim: 0.3 } } as const;
const SAMPLES = 50;

/** One body of the middle length among those of the first few callers: answers differ by a few bytes. */
async function typicalAnswer(server: BenchServer, key: string, file: string): Promise<string> {
  const answers: string[] = [];
  for (const body of readFileSync(file, "utf8").split("\n", SAMPLES)) {
    const headers = { "X-Environment-Key": key, "Content-Type": "application/json" };
    const answer = await fetch(server.url + PATH, { method: "POST", headers, body });
    if (answer.status !== 200) throw new Error(`POST identities answered ${answer.status}`);
    answers.push(await answer.text());
  }
  return answers.toSorted((a, b) => a.length - b.length)[answers.length >> 1] ?? "";
}

async function measure(size: keyof typeof GOALS & DocumentSize, options: BenchOptions): Promise<BenchRow> {
  const { quick, progress } = options;
  const identities = quick ? 2000 : 100_000;
  const fixture = await openFixture({ document: size, identities }, progress);
  const bodies = { file: writeBodies({ folder: fixture.folder, identities, traits: "unchanged" }) };
  const product = await startProduct({ folder: fixture.folder, core: SERVER_CORE });
  try {
    const body = await typicalAnswer(product, clientKey(size), bodies.file);
    const file = join(fixture.folder, "answer.json");
    writeFileSync(file, JSON.stringify({ body, parses: true }));
    const bare = await startScript("bare-server.ts", [file], SERVER_CORE);
    try {
      const load = { path: PATH, headers: { "X-Environment-Key": clientKey(size) }, seconds: quick ? 1 : 3, bodies };
      if (!quick) for (const server of [product, bare]) await applyLoad(server, load);
      const turns = await takeTurns(
        quick ? 1 : 7,
        () => applyLoad(product, load),
        () => applyLoad(bare, load),
        progress,
        generatorKeepsUp,
      );
      const known = identities.toLocaleString("en-US");
      const what = `POST identities, ${known} known, nothing changed, ${size} document (${body.length.toLocaleString("en-US")} bytes), against a bare Bun.serve`;
      return { what, value: turns.ratio, unit: "x", ...GOALS[size], better: "higher", note: describe(turns) };
    } finally {
      await bare.stop();
    }
  } finally {
    await product.stop();
    fixture.remove();
  }
}

export async function run(options: BenchOptions): Promise<BenchRow[]> {
  return [await measure("small", options), await measure("medium", options)];
}
