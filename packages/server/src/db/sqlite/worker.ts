/** Entry of all SQLite threads. A compiled executable names this file as its second entry point. */

import type { SqliteConnection } from "../../runtime/sqlite.ts";
import { giveWay, listenToParent } from "../../runtime/worker.ts";
import { openCheckpointConnection, openReaderConnection, openWriterConnection } from "./connection.ts";
import { toFailure } from "./failures.ts";
import type { Envelope, Reply, WorkerInit, WorkerMessage } from "./protocol.ts";
import { createWriter, query } from "./writer.ts";

type Accept = (envelopes: readonly Envelope[]) => void;

let accept: Accept | undefined;

const post = listenToParent((message) => {
  if (accept) accept(message as readonly Envelope[]);
  else begin(message as WorkerInit);
});

function begin(init: WorkerInit): void {
  try {
    accept = start(init);
    send({ kind: "ready" });
  } catch (error) {
    send({ kind: "refused", failure: toFailure(error) });
  }
}

function send(message: WorkerMessage): void {
  post(message);
}

function start(init: WorkerInit): Accept {
  if (init.role === "writer") return startWriter(init);
  return startBehind(init.role === "reader" ? openReaderConnection : openCheckpointConnection, init);
}

function startWriter(init: WorkerInit): Accept {
  const connection = openWriterConnection(init.path);
  const replies = createReplies();
  const writer = createWriter(connection, init.transactionLimitMs, replies.add);
  let closing: number | undefined;
  return (envelopes) => {
    for (const envelope of envelopes) {
      if (envelope[1].kind === "close") closing = envelope[0];
      else writer.accept(envelope);
    }
    // After the messages that have already arrived, so that they share the commit.
    setImmediate(() => {
      writer.drain();
      if (closing !== undefined) close(connection, closing, replies);
      replies.flush();
    });
  };
}

/** A thread that answers in the order it was asked, and lets those who serve go first. */
function startBehind(open: (path: string) => SqliteConnection, init: WorkerInit): Accept {
  giveWay();
  const connection = open(init.path);
  const replies = createReplies();
  return (envelopes) => {
    for (const [id, request] of envelopes) {
      try {
        if (request.kind === "close") close(connection, id, replies);
        else replies.add([id, true, request.kind === "query" ? query(connection, request) : null]);
      } catch (error) {
        replies.add([id, false, toFailure(error)]);
      }
    }
    replies.flush();
  };
}

function close(connection: SqliteConnection, id: number, replies: Replies): void {
  connection.close();
  replies.add([id, true, null]);
}

type Replies = ReturnType<typeof createReplies>;

function createReplies() {
  let replies: Reply[] = [];
  const flush = () => {
    if (replies.length === 0) return;
    send({ kind: "replies", replies });
    replies = [];
  };
  const add = (reply: Reply) => {
    if (replies.length === 0) setImmediate(flush);
    replies.push(reply);
  };
  return { add, flush };
}
