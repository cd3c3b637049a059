/**
 * A statement on its way through the driver, which is sent again and again. The driver's own query copies what it is given, asks each time
 * what the answer's columns are, and serves uses that are not ours: events for rows, results of several statements. That took a fourth of what
 * a shared read costs this side. What differs here is what it sends from the second time on, and what it does with the answer.
 */
import { type Client, type Connection, Query } from "pg";
import type { PipelineRows, PipelineValue } from "./pipeline.ts";

interface Columns {
  readonly names: readonly string[];
  /** By place. */
  readonly reads: readonly ((text: string) => unknown)[];
}

const none: Columns = { names: [], reads: [] };

/** What a connection has answered so far, by the name of the statement that it keeps. */
export type KnownColumns = Map<string, Columns>;

interface DriverQuery {
  name: string | undefined;
  readonly callback: (error: unknown, rows?: PipelineRows) => void;
  submit(connection: Connection): Error | null;
}

/** The driver lets through, to a connection that others share, only its own class and what is made of it; its type shows callers less than connections call. */
const Base = Query as unknown as new (
  text: string,
  values: readonly PipelineValue[],
  callback: (error: unknown, rows?: PipelineRows) => void,
) => DriverQuery;

export interface KeptQueryOptions {
  readonly text: string;
  readonly values: readonly PipelineValue[];
  /** Under which the connection keeps it; undefined = not kept. */
  readonly name: string | undefined;
  readonly known: KnownColumns;
  readonly types: Pick<Client, "getTypeParser">;
}

/** The methods are called by the driver, in the order in which the database's messages arrive. */
export class KeptQuery extends Base {
  readonly #options: KeptQueryOptions;
  #columns: Columns | undefined;
  readonly #rows: (string | null)[][] = [];
  #count = 0;

  constructor(options: KeptQueryOptions, callback: (error: unknown, rows?: PipelineRows) => void) {
    super(options.text, options.values, callback);
    this.#options = options;
    this.name = options.name;
  }

  override submit(connection: Connection): Error | null {
    const { name, known, values } = this.#options;
    this.#columns = name === undefined ? undefined : known.get(name);
    if (!this.#columns || values.some(isList)) return super.submit(connection);
    connection.stream.cork();
    try {
      connection.bind(
        { statement: name, values: values.map((value) => (value === null ? null : String(value))) },
        true,
      );
      connection.execute(null, true);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    const { name, known, types } = this.#options;
    this.#columns = {
      names: fields.map((field) => field.name),
      reads: fields.map((field) => types.getTypeParser(field.dataTypeID, "text")),
    };
    if (name !== undefined) known.set(name, this.#columns);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#count = Number(text.slice(text.lastIndexOf(" ") + 1)) || 0;
  }

  handleReadyForQuery(): void {
    const { names, reads } = this.#columns ?? none;
    try {
      const rows = this.#rows.map((row) => row.map((text, at) => (text === null ? null : reads[at]?.(text))));
      this.callback(null, { columns: names, rows, count: this.#count });
    } catch (error) {
      this.callback(error);
    }
  }
}

/** Which the driver writes as PostgreSQL's arrays. */
function isList(value: PipelineValue): boolean {
  return value !== null && typeof value === "object";
}
