/** One connection at a time, opened when it is needed and again when it was lost. */
import { Client } from "pg";
import type { Reader } from "../reader.ts";
import { toAppError } from "./failures.ts";
import { numberPlaceholders } from "./placeholders.ts";
import { connectionConfig } from "./settings.ts";
import { lookUpByKey } from "./writes.ts";

const statementLimitMs = 10_000;
/** Its statements are small and many: to compile one costs more than to run it. */
const settings = [
  ...lookUpByKey.map((name) => `${name} = off`),
  "jit = off",
  "max_parallel_workers_per_gather = 0",
  "default_transaction_read_only = on",
];

export function openPostgresReader({ url, prepare }: { readonly url: string; readonly prepare: boolean }): Reader {
  let connected: Promise<Client> | undefined;

  async function connect(): Promise<Client> {
    const limits = { statementMs: statementLimitMs, lockMs: 0, idleMs: 0 };
    const client = new Client({ ...connectionConfig(url, prepare, limits), query_timeout: statementLimitMs + 2_000 });
    client.on("error", forget);
    client.on("end", forget);
    await client.connect();
    await client.query(settings.map((setting) => `set ${setting}`).join("; "));
    return client;
  }

  function forget(): void {
    connected = undefined;
  }

  return {
    all: async <Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> => {
      try {
        connected ??= connect();
        const client = await connected;
        return (await client.query({ text: numberPlaceholders(sql), values: [...parameters] })).rows as Row[];
      } catch (error) {
        // A connection that was never made is tried again by the next.
        await connected?.catch(forget);
        throw toAppError(error);
      }
    },
    close: async () => {
      const client = await connected?.catch(() => undefined);
      connected = undefined;
      await client?.end();
    },
  };
}
