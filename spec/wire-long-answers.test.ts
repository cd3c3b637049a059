/** Answers too long for one piece of a socket, which leave the server in a way of their own. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { type RawRequest, send } from "./raw-http.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";

const features = Array.from({ length: 20 }, (_, index) => ({ name: `long_${index}`, value: "ä".repeat(1_000) }));
const path = "/api/v1/identities/";
const headers = { "X-Environment-Key": clientKey(1) };

let served: ServedApp;

beforeAll(async () => {
  served = await serveTestApp();
  await served.importDocument(buildDocument({ id: 1, features }), serverKey(1));
});
afterAll(() => served.close());

const asked = (request: Partial<RawRequest>) =>
  send(served.port, { path: `${path}?identifier=ann`, headers, ...request });
const identify = { identifier: "ann", traits: [{ trait_key: "plan", trait_value: "pro" }] };
const post = () =>
  asked({
    method: "POST",
    path,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(identify),
  });

test("whether they had to wait or not, they are whole and say how long they are", async () => {
  // The first makes the identity, the second stores a trait, the third changes nothing, the last only reads.
  for (const ask of [() => asked({}), post, post, () => asked({})]) {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers["content-length"]).toBe(String(Buffer.byteLength(response.text)));
    expect(JSON.parse(response.text).flags).toHaveLength(features.length);
  }
});

test("HEAD says the length that GET has", async () => {
  const { headers: ofGet } = await asked({});
  const head = await asked({ method: "HEAD" });
  expect(head.text).toBe("");
  expect(head.headers["content-length"]).toBe(ofGet["content-length"] ?? "none");
});
