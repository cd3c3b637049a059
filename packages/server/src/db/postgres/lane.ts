/** The hot lane on PostgreSQL: reads, writes and flushes each on a pipelined connection of their own. */
import type { HotLane, SqlValue } from "../database.ts";
import { createPipeline, type Pipeline, type PipelineOptions } from "./pipeline.ts";
import { createReads } from "./reads.ts";
import type { ColumnTypes } from "./row-writes.ts";
import { commitWithoutWaiting, createWrites, lookUpByKey } from "./writes.ts";

export interface PostgresLane extends HotLane {
  close(): Promise<void>;
}

export interface LaneOptions extends Omit<PipelineOptions, "name" | "setup"> {
  /** The database can make earlier commits durable by a later one. */
  readonly canFlush: boolean;
  /** Names of types by column, of the tables that hot writes go to. */
  readonly columnTypes: ColumnTypes;
}

export function createPostgresLane(options: LaneOptions): PostgresLane {
  const { canFlush, prepare, columnTypes } = options;
  const pipeline = (name: string, setup: readonly string[] = []): Pipeline =>
    createPipeline({ ...options, name, setup });
  const off = canFlush ? [commitWithoutWaiting, ...lookUpByKey] : lookUpByKey;
  const reader = pipeline("read");
  const writer = pipeline("write", prepare ? off.map((name) => `SET ${name} = off`) : []);
  const flusher = pipeline("flush");
  const read = createReads(reader);
  return {
    get: async <Row>(sql: string, parameters: readonly SqlValue[]) => (await read<Row>(sql, parameters))[0],
    all: (sql, parameters) => read(sql, parameters),
    write: createWrites({ writer, flusher, isFlushed: canFlush, settingsAreLocal: !prepare, columnTypes }),
    close: async () => {
      await Promise.all([reader.close(), writer.close()]);
      await flusher.close();
    },
  };
}
