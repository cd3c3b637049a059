/** Column types by what they hold; each database says how it stores them. */
import type { ColumnDataType, ColumnDefinitionBuilder, Expression } from "kysely";

export type ColumnType = ColumnDataType | Expression<unknown>;

export interface StoredTypes {
  readonly integer: ColumnType;
  /** Counts and milliseconds: 64 bits. */
  readonly bigint: ColumnType;
  /** 0 or 1. */
  readonly flag: ColumnType;
  /** Sorts by code point. */
  readonly text: ColumnType;
  /** JSON that is only stored and handed back. */
  readonly json: ColumnType;
  /** JSON that SQL changes in place. */
  readonly traits: ColumnType;
  readonly real: ColumnType;
}

export interface ColumnTypes extends StoredTypes {
  /** Makes an integer column a number that the database gives, and never gives twice. */
  readonly generated: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** A generated column has to be the primary key; what was declared as the key becomes a unique constraint. */
  readonly generatedIsPrimaryKey: boolean;
  /** What only this database understands of the index of identities: tables and triggers, each a statement. */
  readonly identityIndex: readonly string[];
  /** What follows a table's closing parenthesis. */
  readonly tableSuffix: Expression<unknown> | undefined;
}
