import { useState } from "react";

export interface CursorStack {
  /** Of the page shown; undefined = the first. */
  readonly cursor: string | undefined;
  /** From 1. */
  readonly page: number;
  readonly next: (cursor: string) => void;
  /** undefined on the first page. */
  readonly previous: (() => void) | undefined;
}

/** The API only knows the way on: the way back is remembered here. Another `key` (the search, the sort) begins anew. */
export function useCursorStack(key: string): CursorStack {
  const [state, setState] = useState<{ readonly key: string; readonly cursors: readonly string[] }>({
    key,
    cursors: [],
  });
  const cursors = state.key === key ? state.cursors : [];
  return {
    cursor: cursors.at(-1),
    page: cursors.length + 1,
    next: (cursor) => setState({ key, cursors: [...cursors, cursor] }),
    previous: cursors.length > 0 ? () => setState({ key, cursors: cursors.slice(0, -1) }) : undefined,
  };
}
