import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { signedHeaders } from "./sign.ts";

const body = '{"data": {"é": 1}, "event_type": "FLAG_UPDATED"}';
const at = () => Date.now();

test("the stock library verifies a plain secret and a whsec_ key", () => {
  for (const [secret, verifier] of [
    ["plain text, ünïcode", new Webhook(Buffer.from("plain text, ünïcode", "utf8").toString("base64"))],
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
  ] as const) {
    const headers = signedHeaders({ id: "msg_1", body, secret, at: at() });
    expect(verifier.verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => verifier.verify(`${body} `, headers)).toThrow();
    expect(() => verifier.verify(body, { ...headers, "webhook-id": "msg_2" })).toThrow();
  }
});

test("a secret that only looks like a key is taken as text", () => {
  const headers = signedHeaders({ id: "msg_1", body, secret: "whsec_not base64!", at: at() });
  const verifier = new Webhook(Buffer.from("whsec_not base64!", "utf8").toString("base64"));
  expect(verifier.verify(body, headers)).toEqual(JSON.parse(body));
});

test("Flagsmith's signature is the hex of the body alone", () => {
  const headers = signedHeaders({ id: "msg_1", body, secret: "s3cret", at: at() });
  expect(headers["X-Flagsmith-Signature"]).toBe(createHmac("sha256", "s3cret").update(body).digest("hex"));
});

test("without a secret nothing is signed", () => {
  expect(Object.keys(signedHeaders({ id: "msg_1", body, secret: "", at: 1500 }))).toEqual([
    "Content-Type",
    "User-Agent",
    "webhook-id",
    "webhook-timestamp",
  ]);
  expect(signedHeaders({ id: "msg_1", body, secret: "", at: 1500 })["webhook-timestamp"]).toBe("1");
});
