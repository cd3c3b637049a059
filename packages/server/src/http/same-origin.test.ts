import { expect, test } from "bun:test";
import { assertSameOrigin, isSameOrigin } from "./same-origin.ts";

const publicUrl = "https://flags.example.com";
const request = (headers: Record<string, string>, method = "POST") =>
  new Request("http://127.0.0.1:8000/api/v1/organisations/", { method, headers });

test.each([
  [{ Origin: "https://flags.example.com" }, true],
  [{ Origin: "http://127.0.0.1:8000" }, true],
  [{ Origin: "http://localhost:8000", Host: "localhost:8000" }, true],
  [{ Origin: "https://evil.example.com" }, false],
  [{ Origin: "https://flags.example.com.evil.com" }, false],
  [{ Origin: "http://127.0.0.1:8001" }, false],
  [{ Origin: "null" }, false],
  [{ Origin: "null", "Sec-Fetch-Site": "same-origin" }, false],
  [{ "Sec-Fetch-Site": "same-origin" }, true],
  [{ "Sec-Fetch-Site": "same-site" }, false],
  [{ "Sec-Fetch-Site": "cross-site" }, false],
  [{}, false],
])("%j comes from our own pages: %p", (headers, isOurs) => {
  expect(isSameOrigin(request(headers), publicUrl)).toBe(isOurs);
});

test("reading is always fine, writing from elsewhere is not", () => {
  const foreign = { Origin: "https://evil.example.com" };
  for (const method of ["GET", "HEAD", "OPTIONS"]) assertSameOrigin(request(foreign, method), publicUrl);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    expect(() => assertSameOrigin(request(foreign, method), publicUrl)).toThrow("not allowed");
  }
});
