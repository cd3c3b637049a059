/**
 * Rows that bring an id along (imports) do not move PostgreSQL's own count of ids, and the next row made here would clash.
 * So whoever inserts such rows moves the count past them, before the commit. SQLite does this by itself.
 */
import { InsertQueryNode, type RootOperationNode } from "kysely";

export interface IdFollower {
  /** Looks at a statement that succeeded. */
  note(query: RootOperationNode): void;
  /** Moves the counts past all ids noted. */
  follow(): Promise<void>;
}

type Run = (text: string, values: readonly unknown[]) => Promise<void>;

// Two transactions must not move one count at the same time: the lower of their ids might win.
const lockCounts = "select pg_advisory_xact_lock(4020751)";
const moveCount = `select setval(sequence, $2) from (select pg_get_serial_sequence($1, 'id')::regclass as sequence) as s
  where sequence is not null and coalesce(pg_sequence_last_value(sequence), 0) < $2`;

export function createIdFollower(run: Run): IdFollower {
  const highest = new Map<string, number>();
  return {
    note: (query) => {
      if (!InsertQueryNode.is(query)) return;
      const table = query.into?.table.identifier.name;
      const id = highestId(query);
      if (table === undefined || id === undefined) return;
      highest.set(table, Math.max(id, highest.get(table) ?? 0));
    },
    follow: async () => {
      if (highest.size === 0) return;
      const moves = [...highest].sort();
      highest.clear();
      await run(lockCounts, []);
      for (const [table, id] of moves) await run(moveCount, [table, id]);
    },
  };
}

function highestId(query: InsertQueryNode): number | undefined {
  const place = query.columns?.findIndex((column) => column.column.name === "id") ?? -1;
  if (place < 0 || query.values?.kind !== "ValuesNode" || !("values" in query.values)) return undefined;
  const lists = query.values.values as readonly { readonly values: readonly unknown[] }[];
  const ids = lists.map((list) => Number(unwrap(list.values[place])));
  const given = ids.filter((id) => Number.isSafeInteger(id));
  return given.length === 0 ? undefined : given.reduce((a, b) => Math.max(a, b));
}

/** A list holds bare values, or nodes where one of them is an expression. */
function unwrap(item: unknown): unknown {
  return typeof item === "object" && item !== null && "value" in item ? item.value : item;
}
