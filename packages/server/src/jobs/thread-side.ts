/** The thread's own side of thread.ts: the last line of a thread's entry file. */
import { listenToParent } from "../runtime/worker.ts";
import type { Question, ThreadAnswer } from "./thread.ts";

export function answerQuestions(answer: (question: unknown) => unknown): void {
  const post = listenToParent(async (message) => {
    const { id, question } = message as Question;
    try {
      post({ id, answer: await answer(question) } satisfies ThreadAnswer);
    } catch (error) {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      post({ id, failure } satisfies ThreadAnswer);
    }
  });
}
