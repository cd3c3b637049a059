/** Entry of the jobs' thread: reads rows of files, where it keeps nobody waiting. */
import { answerQuestions } from "../../jobs/thread-side.ts";
import type { RowsQuestion } from "./batch-questions.ts";
import { readRows } from "./read-rows.ts";

answerQuestions((question) => readRows(question as RowsQuestion));
