/** Entry of the jobs' thread: judges identities and reads rows of files, where it keeps nobody waiting. */
import { parseJson } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { createRuleMatcher } from "../../documents/match-rules.ts";
import { answerQuestions } from "../../jobs/thread-side.ts";
import type { BatchQuestion, CountQuestion } from "./batch-questions.ts";
import { readRows } from "./read-rows.ts";

type Matcher = ReturnType<typeof createRuleMatcher>;
let compiled: { readonly rules: string; readonly matcher: Matcher } | undefined;

/** A job asks about the same rules again and again. */
function matcherOf({ environment, segmentId, rules }: CountQuestion): Matcher {
  const text = JSON.stringify([environment, segmentId, rules]);
  if (compiled?.rules !== text)
    compiled = { rules: text, matcher: createRuleMatcher(environment, { segmentId, rules }) };
  return compiled.matcher;
}

function count(question: CountQuestion): number {
  const isMember = matcherOf(question);
  let members = 0;
  for (const line of question.text.split("\n")) {
    const parsed = parseJson(line);
    if (!parsed.ok) continue;
    const [id, identifier, traits] = parsed.value as [number, string, Record<string, TraitValue>];
    if (isMember({ id, identifier, traits })) members += 1;
  }
  return members;
}

answerQuestions((message) => {
  const question = message as BatchQuestion;
  return question.kind === "count" ? count(question) : readRows(question);
});
