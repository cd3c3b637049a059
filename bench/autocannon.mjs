/** Does with autocannon what load.lua does with wrk, where wrk is not installed. One argument: what to do, as JSON. */
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const { url, connections, seconds, headers, bodies, first } = JSON.parse(process.argv[2]);
const lines = bodies ? readFileSync(bodies, "utf8").trimEnd().split("\n") : [];
let at = 0;
let number = first;
const post = (request) => {
  at = (at + 1) % lines.length;
  number += 1;
  return { ...request, body: lines[at].replace("@@", number) };
};
const common = { url, connections, duration: seconds, headers };
const result = await autocannon(
  bodies
    ? {
        ...common,
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        requests: [{ setupRequest: post }],
      }
    : common,
);
const answer = {
  requests: result.requests.total,
  microseconds: Math.round(result.duration * 1e6),
  errors: result.errors + result.timeouts + result.non2xx,
  p50: result.latency.p50 * 1000,
  p99: result.latency.p99 * 1000,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
