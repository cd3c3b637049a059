/** Entry of the search threads. A compiled executable names this file as a further entry point. */
import { openReader, type Reader } from "../db/reader.ts";
import { AppError } from "../errors.ts";
import { giveWay, listenToParent } from "../runtime/worker.ts";
import { answerRequest } from "./answer.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import type { SearchRequest, ThreadInit, ThreadReply } from "./requests.ts";

let database: { readonly reader: Reader; readonly dialect: Dialect } | undefined;
/** One after the other: SQLite answers at once, and PostgreSQL's connection holds one statement. */
let last: Promise<unknown> = Promise.resolve();

const post = listenToParent((message) => {
  if (!database) begin(message as ThreadInit);
  else {
    const [id, request] = message as readonly [number, SearchRequest | { readonly kind: "close" }];
    last = last.then(() => answer(id, request));
  }
});

function begin({ location }: ThreadInit): void {
  giveWay();
  database = { reader: openReader(location), dialect: dialectOf(location) };
}

async function answer(id: number, request: SearchRequest | { readonly kind: "close" }): Promise<void> {
  const send = (reply: ThreadReply) => post(reply);
  try {
    if (!database) throw new Error("the thread was told nothing");
    const { reader, dialect } = database;
    if (request.kind === "close") {
      await reader.close();
      send([id, true, null]);
    } else send([id, true, await answerRequest(reader, dialect, request)]);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    send([id, false, { code: error instanceof AppError ? error.code : "internal", message }]);
  }
}
