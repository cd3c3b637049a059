/**
 * GET flags against a bare Bun.serve that answers the same bytes and headers: `new Response(bytes, { headers })`. Its headers are
 * a plain object, as anyone would write it; beside that, for the record, the quickest floor known, whose headers are made once.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientKey, type DocumentSize } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { applyLoad, generatorKeepsUp } from "./load.ts";
import { type BenchServer, SERVER_CORE, startProduct, startScript } from "./processes.ts";
import { type Comparison, describe, takeTurns } from "./rounds.ts";
import { type BenchOptions, type BenchRow, figure } from "./row.ts";

export const name = "flags";

const PATH = "/api/v1/flags/";
/** Bun.serve adds these to any answer by itself. */
const OWN_HEADERS = new Set(["date", "content-length", "connection", "keep-alive"]);

interface Answer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function readAnswer(server: BenchServer, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const answer = await fetch(server.url + PATH, { headers });
  if (answer.status !== 200) throw new Error(`GET flags answered ${answer.status}`);
  const sent = [...answer.headers].filter(([header]) => !OWN_HEADERS.has(header));
  return { body: await answer.text(), headers: Object.fromEntries(sent) };
}

async function measure(size: DocumentSize, { quick, progress }: BenchOptions): Promise<BenchRow> {
  const headers = { "X-Environment-Key": clientKey(size) };
  const fixture = await openFixture({ document: size, identities: 0 }, progress);
  const product = await startProduct({ folder: fixture.folder, core: SERVER_CORE });
  const load = { path: PATH, headers, seconds: quick ? 1 : 2 };
  const against = async (answer: Answer, sharesHeaders: boolean): Promise<Comparison> => {
    const file = join(fixture.folder, "answer.json");
    writeFileSync(file, JSON.stringify({ ...answer, sharesHeaders, parses: false }));
    const bare = await startScript("bare-server.ts", [file], SERVER_CORE);
    const sides = [() => applyLoad(product, load), () => applyLoad(bare, load)] as const;
    try {
      if (!quick) for (const side of sides) await side();
      return await takeTurns(quick ? 1 : 7, ...sides, progress, generatorKeepsUp);
    } finally {
      await bare.stop();
    }
  };
  try {
    const answer = await readAnswer(product, headers);
    const plain = await against(answer, false);
    const best = quick ? plain : await against(answer, true);
    const bytes = Buffer.byteLength(answer.body).toLocaleString("en-US");
    return {
      what: `GET flags, ${size} document (${bytes} bytes), against a bare Bun.serve`,
      value: plain.ratio,
      unit: "x",
      must: 0.8,
      aim: 0.95,
      better: "higher",
      note: `${describe(plain)}; against one that shares its headers ${figure(best.ratio)}, by processor time ${figure(best.cpuRatio)}`,
    };
  } finally {
    await product.stop();
    fixture.remove();
  }
}

export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of ["small", "medium"] as const) rows.push(await measure(size, options));
  return rows;
}
