import { expect, test } from "bun:test";
import { clientAddress, noteConnection } from "./client-address.ts";

const from = (forwarded?: string): Request => {
  const headers = forwarded === undefined ? undefined : { "X-Forwarded-For": forwarded };
  const request = new Request("http://localhost/", headers ? { headers } : {});
  noteConnection(request, () => "10.0.0.1");
  return request;
};

test.each([
  [0, undefined, "10.0.0.1"],
  [0, "6.6.6.6", "10.0.0.1"],
  [1, "6.6.6.6, 1.2.3.4", "1.2.3.4"],
  [2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"],
  [2, "1.2.3.4", "10.0.0.1"],
  [1, undefined, "10.0.0.1"],
])("behind %i proxies that say %p the client is %s", (proxies, forwarded, address) => {
  expect(clientAddress(from(forwarded), proxies)).toBe(address);
});

test("without a connection it is not known", () => {
  expect(clientAddress(new Request("http://localhost/"), 0)).toBe("");
});
