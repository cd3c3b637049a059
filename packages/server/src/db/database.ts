/** What the rest of the server knows of a database. Two implementations: SQLite (threads) and PostgreSQL (connections). */
import type { Kysely } from "kysely";
import type { DbLocation, IdentityIndex } from "./identity-index.ts";
import type { Tables } from "./tables.ts";

export type SqlValue = string | number | bigint | null;
export type Awaitable<T> = T | Promise<T>;

/**
 * The hot lane: hand-written SQL for identity data, beside the query builder.
 * `?` stands for a parameter in SQL text; each implementation prepares a text once and keeps it.
 */
export interface HotLane {
  /** First row or undefined. SQLite answers at once (point reads only: it runs on the serving thread). */
  get<Row>(sql: string, parameters: readonly SqlValue[]): Awaitable<Row | undefined>;
  all<Row>(sql: string, parameters: readonly SqlValue[]): Awaitable<Row[]>;
  /**
   * One statement, committed together with those that arrive at the same time. Resolves with its RETURNING rows only after the
   * commit is durable. A failing statement rejects alone; the others of its batch still commit. Rejects with AppError
   * "database_unavailable" when the write cannot be made durable.
   */
  write<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]>;
}

export interface Capabilities {
  /** Point reads cost microseconds and need no batching. */
  readonly localReads: boolean;
  /** Several processes may serve the same database, and it tells them of changes. */
  readonly multiNode: boolean;
  /**
   * SQL expression, one parameter: identities.traits merged with a JSON object whose null members delete their keys.
   * Member order and the spelling of numbers ("2.0") survive where the database keeps them.
   */
  readonly mergeTraits: string;
  /** Name of the table function that gives identities.traits as rows with a column `key`. */
  readonly eachTrait: string;
  /** Table expression, one parameter: the items of a JSON list as rows with a column `value`, to be read with `->>`. */
  readonly eachItem: string;
  /**
   * Statement that has the rest of a transaction look up each of a few rows by its key, whatever a planner with old statistics thinks of
   * reading all of them instead; "" where none is needed.
   */
  readonly lookUpByKey: string;
  /** Type of the column identities.traits, for casts of JSON text to it. */
  readonly traitsType: string;
  /** SQL expression, parameters (key, key, by): identities.traits with `by` added to an integer trait, 0 where it is missing. */
  readonly incrementTrait: string;
  /**
   * SQL condition, parameters (key, key, by): the trait is missing or an integer, and the sum stays within 32 bits
   * (-2147483648 to 2147483647).
   */
  readonly canIncrementTrait: string;
}

/** Only where several nodes share a database: tells every node's listeners what a committed transaction announced. */
export interface ChangeFeed {
  /**
   * Resolves when the first attempt to listen is over; a lost connection comes back by itself, what was said meanwhile does not:
   * `onReturn` hears when it is back.
   */
  listen(handler: (payload: string) => void, onReturn?: () => void): Promise<void>;
  /** Heard, by this node too, when and if `trx` commits. Less than 8,000 bytes. */
  notify(trx: Kysely<Tables>, payload: string): Promise<void>;
}

/**
 * Triggers that note in identity_marks which identities and overrides change, and what they were before, whoever changes them and in the
 * same transaction. They are there only while a webhook wants to know: without them a write of identities costs what it always did.
 */
export interface IdentityMarks {
  /** Makes it so, as the webhooks now say. Several nodes may ask at once. Rejects with "database_busy" where identities are too busy for it. */
  follow(): Promise<void>;
  areKept(): Promise<boolean>;
}

/** What ids are taken from. An id is never given twice, even where its row is gone: hash seeds and audit entries outlive rows. */
export interface IdCounts {
  /** By table, the highest id that was given; tables that gave none are left out. */
  read(trx: Kysely<Tables>): Promise<Readonly<Record<string, number>>>;
  /** Goes on behind these: for whoever inserts rows that bring their ids along. Never goes back. */
  raise(trx: Kysely<Tables>, counts: Readonly<Record<string, number>>): Promise<void>;
}

export interface Db {
  readonly capabilities: Capabilities;
  /**
   * Typed queries for everything that is not hot. Runs off the serving thread. Reads outside a transaction may run beside writes;
   * `kysely.transaction()` is exclusive with the hot lane's batches and takes the write lock at once (BEGIN IMMEDIATE).
   */
  readonly kysely: Kysely<Tables>;
  readonly lane: HotLane;
  readonly changeFeed?: ChangeFeed;
  readonly identityIndex: IdentityIndex;
  readonly identityMarks: IdentityMarks;
  readonly idCounts: IdCounts;
  /** Has the planner look at what a transaction wrote at once: until it has, it may choose to read a table for each row. */
  learnContents(trx: Kysely<Tables>): Promise<void>;
  readonly location: DbLocation;
  /** Many reads as of one moment, blocking nobody. The builder it hands over only reads, and only until `run` ends. */
  snapshot<Result>(run: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Cheap "does the database answer" for the health routes; rejects when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
