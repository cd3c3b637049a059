/** GET flags against a bare Bun.serve that answers the same bytes and headers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientKey, type DocumentSize } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { applyLoad } from "./load.ts";
import { SERVER_CORE, startProduct, startScript } from "./processes.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";

export const name = "flags";

const PATH = "/api/v1/flags/";
/** Bun.serve adds these to any answer by itself. */
const OWN_HEADERS = new Set(["date", "content-length", "connection", "keep-alive"]);

async function measure(size: DocumentSize, { quick, progress }: BenchOptions): Promise<BenchRow> {
  const headers = { "X-Environment-Key": clientKey(size) };
  const fixture = await openFixture({ document: size, identities: 0 }, progress);
  const product = await startProduct({ folder: fixture.folder, core: SERVER_CORE });
  try {
    const answer = await fetch(product.url + PATH, { headers });
    if (answer.status !== 200) throw new Error(`GET flags answered ${answer.status}`);
    const body = await answer.text();
    const sent = Object.fromEntries([...answer.headers].filter(([header]) => !OWN_HEADERS.has(header)));
    const file = join(fixture.folder, "answer.json");
    writeFileSync(file, JSON.stringify({ body, headers: sent, parses: false }));
    const bare = await startScript("bare-server.ts", [file], SERVER_CORE);
    try {
      const load = { path: PATH, headers, seconds: quick ? 1 : 2 };
      if (!quick) for (const server of [product, bare]) await applyLoad(server, load);
      const turns = await takeTurns(
        quick ? 1 : 9,
        () => applyLoad(product, load),
        () => applyLoad(bare, load),
        progress,
      );
      const what = `GET flags, ${size} document (${Buffer.byteLength(body).toLocaleString("en-US")} bytes), against a bare Bun.serve`;
      return { what, value: turns.ratio, unit: "x", must: 0.8, aim: 0.95, better: "higher", note: describe(turns) };
    } finally {
      await bare.stop();
    }
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
