/** A receiver of webhooks: keeps what arrives, and answers as it is told. */

export interface Received {
  readonly path: string;
  readonly body: string;
  readonly headers: Headers;
  /** Of the body. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface TestReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** Says what to answer to the next ones. */
  answer(respond: (received: Received, count: number) => Response | Promise<Response>): void;
  /** Resolves once that many have arrived. */
  until(count: number, timeoutMs?: number): Promise<Received[]>;
  of(type: string): Received[];
  clear(): void;
  close(): Promise<void>;
}

export function startReceiver(port = 0): TestReceiver {
  const received: Received[] = [];
  const thanks = () => new Response("thanks");
  let respond: Parameters<TestReceiver["answer"]>[0] = thanks;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    reusePort: false,
    fetch: async (request) => {
      const body = await request.text();
      const { event_type: type, data } = JSON.parse(body) as {
        event_type: string;
        data: Received["data"];
      };
      const one = { path: new URL(request.url).pathname, body, headers: request.headers, type, data };
      received.push(one);
      return respond(one, received.length);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port as number,
    received,
    answer: (next) => {
      respond = next;
    },
    until: async (count, timeoutMs = 10_000) => {
      const end = Date.now() + timeoutMs;
      while (received.length < count) {
        if (Date.now() > end) throw new Error(`only ${received.length} of ${count} arrived`);
        await Bun.sleep(20);
      }
      return received;
    },
    of: (type) => received.filter((one) => one.type === type),
    clear: () => {
      received.length = 0;
      respond = thanks;
    },
    close: () => server.stop(true),
  };
}
