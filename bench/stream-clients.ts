/** Thousands of idle clients of event streams, as bare sockets: what they cost here must not be taken for what they cost the server. */
import { readFileSync } from "node:fs";

export interface StreamClients {
  /** Counts the clients that get an event of this name from now on; resolves when all that are expected have, with when the last did. */
  expect(event: string, count: number, limitMs?: number): Promise<number>;
  close(): void;
}

const AT_ONCE = 100;
const SPARE_FILES = 1000;
const decoder = new TextDecoder();

/** As many as this process may open, and the server beside it. */
export function possibleClients(wanted: number): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? wanted : Math.min(wanted, Math.max(0, Number(limit) - SPARE_FILES));
  } catch {
    return wanted;
  }
}

export async function openStreamClients(port: number, paths: readonly string[]): Promise<StreamClients> {
  let wanted: { readonly mark: string; left: number; readonly done: (at: number) => void } | undefined;
  let opened = 0;
  const sockets: { end(): void }[] = [];
  let whenReady = () => {};
  const ready = new Promise<void>((resolve) => {
    whenReady = resolve;
  });
  const open = (path: string) =>
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => {
          socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);
        },
        data: (_socket, data) => {
          const text = decoder.decode(data);
          if (text.includes("event: ready")) {
            opened += 1;
            if (opened === paths.length) whenReady();
          }
          if (wanted && text.includes(wanted.mark)) {
            wanted.left -= 1;
            if (wanted.left === 0) wanted.done(performance.now());
          }
        },
      },
    });
  for (let start = 0; start < paths.length; start += AT_ONCE) {
    sockets.push(...(await Promise.all(paths.slice(start, start + AT_ONCE).map(open))));
  }
  const late = setTimeout(() => whenReady(), 30_000);
  await ready;
  clearTimeout(late);
  if (opened < paths.length) throw new Error(`only ${opened} of ${paths.length} streams opened`);
  return {
    expect: (event, count, limitMs = 10_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${wanted?.left} of ${count} heard nothing`)), limitMs);
        const done = (at: number) => {
          clearTimeout(timer);
          wanted = undefined;
          resolve(at);
        };
        wanted = { mark: `event: ${event}\n`, left: count, done };
      }),
    close: () => {
      for (const socket of sockets) socket.end();
    },
  };
}
