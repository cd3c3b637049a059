/** A PostgreSQL of the benchmark's own, durable as in production, with databases full of identities. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { onServer, runBurgee, startTestPostgres } from "../packages/server/src/testing/index.ts";
import { type DocumentSize, documentText, environmentId } from "./documents.ts";
import { SEED, temporaryFolder } from "./fixture.ts";
import { identityAt } from "./identity-generator.ts";

const DAY_MS = 86_400_000;
const ROWS_A_STATEMENT = 5000;

export interface PostgresFixture {
  /** A new database with the document, or another text of its environment, and so many identities, seen today. */
  createDatabase(document: DocumentSize, identities: number, text?: string): Promise<string>;
  createEmpty(): Promise<string>;
  remove(): Promise<void>;
}

const INSERT = `INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
  SELECT ?::int, value ->> 'identifier', value -> 'traits', 0, ?::bigint, ?::int FROM jsonb_array_elements(?::jsonb)
  ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = excluded.traits, last_seen_day = excluded.last_seen_day`;

async function fill(url: string, environment: number, identities: number): Promise<void> {
  const db = await openDatabase(url);
  try {
    for (let start = 0; start < identities; start += ROWS_A_STATEMENT) {
      const length = Math.min(ROWS_A_STATEMENT, identities - start);
      const rows = Array.from({ length }, (_, index) => identityAt(SEED, start + index));
      const now = Date.now();
      await db.lane.write(INSERT, [environment, now, Math.floor(now / DAY_MS), JSON.stringify(rows)]);
    }
    // As a server would do after a while: while it does, nothing else should be measured.
    while (await db.identityIndex.follow(5_000, Date.now()));
  } finally {
    await db.close();
  }
}

export async function startPostgresFixture(): Promise<PostgresFixture> {
  const server = await startTestPostgres({ settings: { shared_buffers: "512MB", max_wal_size: "2GB" } });
  const { folder, remove } = temporaryFolder();
  let made = 0;
  const createEmpty = async () => {
    made += 1;
    const name = `bench_${made}`;
    await onServer(server.url, `create database ${name}`);
    return server.databaseUrl(name);
  };
  return {
    createEmpty,
    createDatabase: async (document, identities, text = documentText(document)) => {
      const url = await createEmpty();
      const source = join(folder, "document.json");
      writeFileSync(source, text);
      const args = ["import", "environment-document", source];
      const result = await runBurgee(folder, args, { BURGEE_DATABASE_URL: url });
      if (result.code !== 0) throw new Error(`the document could not be imported: ${result.stderr}`);
      await fill(url, environmentId(document), identities);
      await onServer(url, "vacuum analyze", "checkpoint");
      return url;
    },
    remove: async () => {
      remove();
      await server.remove();
    },
  };
}
