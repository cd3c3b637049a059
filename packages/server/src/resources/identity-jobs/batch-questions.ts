/** What the thread of jobs is asked, and answers. */
import type { ReadBatch, RowsRequest } from "./read-rows.ts";

export type RowsQuestion = RowsRequest;
export type RowsAnswer = readonly ReadBatch[];
