/**
 * A process that sends at a constant rate whatever the server does, and measures from the moment a request was due: a server that
 * stalls cannot hide it by slowing its clients down. Argument: a JSON file of OpenLoopRequest. Prints an OpenLoopReport.
 */
import { readFileSync } from "node:fs";
import type { Socket } from "bun";
import { percentile } from "./row.ts";

export interface Flow {
  readonly name: string;
  /** Requests a second. */
  readonly rate: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its own: requests of one flow that have to wait must not keep another's from being sent. */
  readonly connections: number;
  /** POSTs, as in load.ts. */
  readonly bodies?: { readonly file: string; readonly first: number };
}

export interface OpenLoopRequest {
  readonly port: number;
  readonly seconds: number;
  /** What is measured begins after so many seconds. */
  readonly warmUpSeconds: number;
  readonly flows: readonly Flow[];
}

export interface FlowReport {
  readonly name: string;
  readonly requests: number;
  /** Not answered with 200, or not at all. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Due {
  readonly flow: number;
  /** When it should have been sent. */
  readonly at: number;
}

interface Line {
  socket: Socket<Line> | undefined;
  due: Due | undefined;
  received: string;
  /** Bytes of the body that are still to come; -1 while its head is not complete. */
  left: number;
  isOk: boolean;
}

const END_OF_HEAD = "\r\n\r\n";

function createWriter(flow: Flow): () => string {
  const names = Object.entries(flow.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${flow.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${names.join("")}`;
  const { bodies } = flow;
  if (bodies === undefined) {
    const text = `GET ${head}\r\n`;
    return () => text;
  }
  const lines = readFileSync(bodies.file, "utf8").trimEnd().split("\n");
  let at = 0;
  let number = bodies.first;
  return () => {
    at = (at + 1) % lines.length;
    number += 1;
    const body = (lines[at] ?? "").replace("@@", String(number));
    return `POST ${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}${END_OF_HEAD}${body}`;
  };
}

/** What of `chunk` belongs to the head is kept until the head is complete; a body is only counted. True when it has all come. */
function receive(line: Line, chunk: Buffer): boolean {
  if (line.left >= 0) {
    line.left -= chunk.length;
    return line.left <= 0;
  }
  line.received += chunk.toString("latin1");
  const end = line.received.indexOf(END_OF_HEAD);
  if (end < 0) return false;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(line.received)?.[1] ?? 0);
  line.isOk = line.received.startsWith("HTTP/1.1 200");
  line.left = length - (line.received.length - end - END_OF_HEAD.length);
  line.received = "";
  return line.left <= 0;
}

/** All requests of all flows in the order in which they are due, in milliseconds from the start. */
function schedule(flows: readonly Flow[], seconds: number): Due[] {
  const dues = flows.flatMap(({ rate }, flow) =>
    Array.from({ length: Math.floor(rate * seconds) }, (_, index) => ({ flow, at: ((index + 0.5) * 1000) / rate })),
  );
  return dues.sort((a, b) => a.at - b.at);
}

async function connect(port: number, finish: (line: Line) => void): Promise<Line> {
  const line: Line = { socket: undefined, due: undefined, received: "", left: -1, isOk: false };
  line.socket = await Bun.connect<Line>({
    hostname: "127.0.0.1",
    port,
    data: line,
    socket: { data: (socket, chunk) => void (receive(socket.data, chunk) && finish(socket.data)) },
  });
  return line;
}

async function run({ port, seconds, warmUpSeconds, flows }: OpenLoopRequest): Promise<FlowReport[]> {
  const writers = flows.map(createWriter);
  const dues = schedule(flows, seconds);
  const latencies = flows.map((): number[] => []);
  const failures = flows.map(() => 0);
  const idle = flows.map((): Line[] => []);
  const waiting = flows.map((): Due[] => []);
  let started = 0;

  const send = (line: Line, due: Due): void => {
    line.due = due;
    line.left = -1;
    line.socket?.write(writers[due.flow]?.() ?? "");
  };
  const finish = (line: Line): void => {
    const { due } = line;
    if (!due) return;
    line.due = undefined;
    if (due.at >= warmUpSeconds * 1000) {
      latencies[due.flow]?.push(performance.now() - started - due.at);
      if (!line.isOk) failures[due.flow] = (failures[due.flow] ?? 0) + 1;
    }
    const next = waiting[due.flow]?.shift();
    if (next) send(line, next);
    else idle[due.flow]?.push(line);
  };
  for (const [flow, { connections }] of flows.entries()) {
    for (let index = 0; index < connections; index += 1) idle[flow]?.push(await connect(port, finish));
  }

  const everyMs = 1000 / Math.max(...flows.map((flow) => flow.rate));
  const pacer = new Worker(new URL("./pacer.ts", import.meta.url).href);
  const wakes = Math.ceil((seconds * 1000) / everyMs) + 10;
  let next = 0;
  await new Promise<void>((resolve) => {
    pacer.onmessage = ({ data }: MessageEvent<number>) => {
      const now = performance.now() - started;
      for (let due = dues[next]; due && due.at <= now; due = dues[next]) {
        next += 1;
        const line = idle[due.flow]?.pop();
        if (line) send(line, due);
        else waiting[due.flow]?.push(due);
      }
      if (data === wakes) resolve();
    };
    started = performance.now();
    pacer.postMessage({ everyMs, wakes });
  });
  pacer.terminate();
  // A few seconds for the answers that are still on their way; what has none by then has failed.
  for (
    let waits = 0;
    waits < 50 && idle.some((lines, flow) => lines.length < (flows[flow]?.connections ?? 0));
    waits += 1
  ) {
    await Bun.sleep(100);
  }
  return flows.map(({ name, rate }, flow): FlowReport => {
    const times = latencies[flow] ?? [];
    const expected = Math.floor(rate * (seconds - warmUpSeconds));
    return {
      name,
      requests: times.length,
      failed: (failures[flow] ?? 0) + Math.max(0, expected - times.length - 1),
      p50Ms: percentile(times, 50),
      p99Ms: percentile(times, 99),
      maxMs: percentile(times, 100),
    };
  });
}

if (import.meta.main) {
  const request = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as OpenLoopRequest;
  process.stdout.write(`${JSON.stringify(await run(request))}\n`);
  process.exit(0);
}
