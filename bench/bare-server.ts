/** The floor: the least a Bun.serve can do and still answer. Argument: a JSON file of what to answer. */

interface BareAnswer {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the headers once instead of with each answer: no other way is as quick. */
  readonly sharesHeaders?: boolean;
  /** Parse the request's body as JSON first. */
  readonly parses: boolean;
}

const { body, headers, sharesHeaders = false, parses } = (await Bun.file(process.argv[2] ?? "").json()) as BareAnswer;
const bytes = new TextEncoder().encode(body);
const init = headers === undefined ? {} : { headers: sharesHeaders ? new Headers(headers) : headers };

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: parses
    ? async (request) => {
        await request.json();
        return new Response(bytes, init);
      }
    : () => new Response(bytes, init),
});
process.stdout.write(`port ${server.port}\n`);

for await (const _ of console) {
  // Nothing is asked of it; the end of its input is the end of its work.
}
process.exit(0);
