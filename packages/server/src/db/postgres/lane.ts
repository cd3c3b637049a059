/** The hot lane on PostgreSQL: reads, writes and flushes each on a pipelined connection of their own. */
import type { HotLane } from "../database.ts";
import { createMix } from "./mix.ts";
import { createPipeline, type Pipeline, type PipelineOptions } from "./pipeline.ts";
import { createReads } from "./reads.ts";
import type { ColumnTypes } from "./row-writes.ts";
import { commitWithoutWaiting, createWrites, lookUpByKey } from "./writes.ts";

/**
 * Plans for any environment, not for the one at hand: of one that is newer than the planner's statistics it thinks that it has no
 * identities, and would as soon look through all of them as go by the key.
 */
const anyEnvironment = "SET plan_cache_mode = force_generic_plan";

export interface PostgresLane extends HotLane {
  /** How many were asked for so far. */
  writes(): number;
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
  const pipeline = (name: string, setup: readonly string[] = [], leavesAtOnce = () => false): Pipeline =>
    createPipeline({ ...options, name, setup, leavesAtOnce });
  const mix = createMix();
  const off = canFlush ? [commitWithoutWaiting, ...lookUpByKey] : lookUpByKey;
  const plans = prepare ? [anyEnvironment] : [];
  // Where many write, the database has enough to do: there it is better that reads wait for others to share their statement.
  const reader = pipeline("read", plans, mix.isMostlyReads);
  const writer = pipeline("write", prepare ? [...off.map((name) => `SET ${name} = off`), ...plans] : []);
  const flusher = pipeline("flush");
  let writes = 0;
  const reads = createReads(reader, mix.isMostlyReads);
  const write = createWrites({ writer, flusher, isFlushed: canFlush, settingsAreLocal: !prepare, columnTypes });
  return {
    get: (sql, parameters) => {
      mix.read();
      return reads.get(sql, parameters);
    },
    all: (sql, parameters) => {
      mix.read();
      return reads.all(sql, parameters);
    },
    write: (sql, parameters) => {
      mix.write();
      writes += 1;
      return write(sql, parameters);
    },
    writes: () => writes,
    close: async () => {
      await Promise.all([reader.close(), writer.close()]);
      await flusher.close();
    },
  };
}
