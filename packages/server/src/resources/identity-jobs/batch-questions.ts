/** What the thread of jobs is asked, and answers. */
import type { DocumentRule } from "@burgee/engine";
import type { ImportFormat, ReadBatch, RowContext } from "./read-rows.ts";

export interface CountQuestion {
  readonly kind: "count";
  readonly environment: {
    readonly id: number;
    readonly apiKey: string;
    readonly name: string;
    readonly compositeHashKey: boolean;
  };
  readonly segmentId: number;
  readonly rules: readonly DocumentRule[];
  /** A line each: [id, identifier, traits]. */
  readonly text: string;
}

export interface RowsQuestion {
  readonly kind: "rows";
  readonly format: ImportFormat;
  readonly context: RowContext;
  readonly text: string;
  /** Of the text's first line in its file. */
  readonly firstLine: number;
}

export type BatchQuestion = CountQuestion | RowsQuestion;
export type RowsAnswer = readonly ReadBatch[];
