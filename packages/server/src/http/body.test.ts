import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type BodyOptions, readBody } from "./body.ts";

type Content = string | Uint8Array<ArrayBuffer> | FormData | ReadableStream;

interface Sent {
  readonly type?: string;
  /** Whether the request says how long it is, as every SDK's does. */
  readonly declared?: boolean;
}

function request(content: Content, { type, declared = false }: Sent = {}): Request {
  const headers = new Headers();
  if (type !== undefined) headers.set("content-type", type);
  if (declared) headers.set("content-length", String(new TextEncoder().encode(content as string).byteLength));
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new Request("http://localhost/", { method: "POST", headers, body });
}

const json = (content: string, declared: boolean) => request(content, { type: "application/json", declared });
const form = (content: string) => request(content, { type: "application/x-www-form-urlencoded" });
const detail = (status: number, text: string) => ({ ok: false, status, body: { detail: text } });

for (const declared of [true, false]) {
  describe(declared ? "JSON of a declared length" : "JSON of unknown length", () => {
    test("is parsed", async () => {
      expect(await readBody(json('{"a":[1,"é😀"]}', declared))).toEqual({ ok: true, value: { a: [1, "é😀"] } });
      expect(await readBody(json("null", declared))).toEqual({ ok: true, value: null });
    });

    test("may have a charset, or no content type at all", async () => {
      for (const type of [
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF8"',
        "application/json;",
        undefined,
      ]) {
        const sent = type === undefined ? { declared } : { type, declared };
        expect(await readBody(request('{"a":"é"}', sent))).toEqual({ ok: true, value: { a: "é" } });
      }
    });

    test("empty is an empty object", async () => {
      expect(await readBody(json("", declared))).toEqual({ ok: true, value: {} });
      expect(await readBody(request("", { type: "text/plain", declared }))).toEqual({ ok: true, value: {} });
    });

    test("broken is refused in Python's words", async () => {
      expect(await readBody(json("{", declared))).toEqual(
        detail(
          400,
          "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ) as never,
      );
      expect(await readBody(json("[NaN]", declared))).toEqual(
        detail(400, "JSON parse error - Out of range float values are not JSON compliant: 'NaN'") as never,
      );
    });

    test("too long is a 413", async () => {
      const limited = (content: string) => readBody(json(content, declared), { limit: 10 });
      expect(await limited('"12345678"')).toEqual({ ok: true, value: "12345678" });
      expect(await limited('"123456789"')).toEqual(
        detail(413, "Request body exceeded the limit of 10 bytes.") as never,
      );
      expect(await limited('"éééé"')).toEqual({ ok: true, value: "éééé" });
      expect(await limited('"ééééé"')).toMatchObject({ status: 413 });
    });

    test("bytes that are no UTF-8 are a 400", async () => {
      const bytes = new Uint8Array([0x22, 0x61, 0xff, 0x22]);
      const headers = { "content-type": "application/json", ...(declared && { "content-length": "4" }) };
      const sent = new Request("http://localhost/", { method: "POST", headers, body: bytes });
      expect(await readBody(sent)).toEqual(
        detail(400, "JSON parse error - 'utf-8' codec can't decode the request body") as never,
      );
    });

    test("a replacement character that was sent is kept", async () => {
      expect(await readBody(json('"\ufffd"', declared))).toEqual({ ok: true, value: "\ufffd" });
    });

    test("a body that was read before is a 400, not a throw", async () => {
      const sent = json("{}", declared);
      await sent.text();
      expect(await readBody(sent)).toEqual(detail(400, "The request body could not be read.") as never);
    });
  });
}

test("other charsets are decoded, unknown ones refused", async () => {
  const latin1 = new Uint8Array([0x22, 0xe9, 0x22]);
  expect(await readBody(request(latin1, { type: "application/json; charset=iso-8859-1" }))).toEqual({
    ok: true,
    value: "é",
  });
  expect(await readBody(request("{}", { type: "application/json; charset=klingon" }))).toEqual(
    detail(400, 'Unsupported charset "klingon" in request Content-Type header.') as never,
  );
});

test("other content types are a 415", async () => {
  for (const type of ["text/plain", "application/xml; charset=utf-8"]) {
    expect(await readBody(request("a", { type }))).toEqual(
      detail(415, `Unsupported media type "${type}" in request.`) as never,
    );
  }
});

test("a stream is cut off at the limit, not read to its end", async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1024));
    },
  });
  expect(await readBody(request(endless, { type: "application/json" }), { limit: 4096 })).toMatchObject({
    status: 413,
  });
  expect(pulled).toBeLessThan(20);
});

test("a stream that breaks off is a 400", async () => {
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new Error("gone"));
    },
  });
  expect(await readBody(request(broken, { type: "application/json" }))).toMatchObject({ status: 400 });
});

describe("urlencoded forms", () => {
  const read = async (content: string, options?: BodyOptions) => {
    const body = await readBody(form(content), options);
    return body.ok ? body.value : body;
  };
  test.each([
    ["identifier=a%40b&transient=true", { identifier: "a@b", transient: "true" }],
    ["a=1&a=2", { a: "2" }],
    ["a=+%2B&b=", { a: " +", b: "" }],
    ["traits[0]trait_key=k&traits[0]trait_value=v", { traits: [{ trait_key: "k", trait_value: "v" }] }],
    ["traits[0][trait_key]=k&traits[1][trait_key]=l", { traits: [{ trait_key: "k" }, { trait_key: "l" }] }],
    ["traits%5B0%5D%5Btrait_key%5D=k", { traits: [{ trait_key: "k" }] }],
    ["traits[900000]a=z&traits[7]a=y", { traits: [{ a: "y" }, { a: "z" }] }],
    ["traits[0]=a&traits[1]=b", { traits: ["a", "b"] }],
    ["identity.identifier=a&trait_key=k", { identity: { identifier: "a" }, trait_key: "k" }],
    ["[0]identity.identifier=a&[0]trait_key=k", [{ identity: { identifier: "a" }, trait_key: "k" }]],
    ["traits=x&traits[0]a=b", { traits: [{ a: "b" }] }],
    ["traits[0]a=b&traits=x", { traits: [{ a: "b" }] }],
    ["a[=1&a]=2&[]=3&.=4", { "a[": "1", "a]": "2", "": "3", ".": "4" }],
    ["a[b][c][d][e][f][g][h][i]=1", { "a[b][c][d][e][f][g][h][i]": "1" }],
  ])("%s", async (content, value) => {
    expect(await read(content)).toEqual(value);
  });

  test("cannot reach a prototype", async () => {
    const value = (await read("__proto__[polluted]=1&constructor.prototype.polluted=1")) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("have a limit of fields", async () => {
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=1`).join("&");
    expect(await readBody(form(fields(1000)))).toMatchObject({ ok: true });
    expect(await readBody(form(fields(1001)))).toEqual(
      detail(400, "The number of form fields exceeds the limit of 1000.") as never,
    );
    expect(await readBody(form(fields(3)), { maxFormFields: 2 })).toMatchObject({ status: 400 });
  });
});

describe("multipart forms", () => {
  test("give the same values, and files are passed over", async () => {
    const sent = new FormData();
    sent.set("identifier", " é ");
    sent.set("traits[0]trait_key", "k");
    sent.set("file", new Blob(["x"]), "x.txt");
    expect(await readBody(request(sent))).toEqual({
      ok: true,
      value: { identifier: " é ", traits: [{ trait_key: "k" }] },
    });
  });
  test("broken ones are refused", async () => {
    expect(await readBody(request("x", { type: "multipart/form-data" }))).toEqual(
      detail(400, "Multipart form parse error - Invalid boundary in multipart: None") as never,
    );
    expect(await readBody(request("x", { type: "multipart/form-data; boundary=y" }))).toMatchObject({ status: 400 });
  });
  test("have the limits of all bodies", async () => {
    const sent = new FormData();
    for (let i = 0; i < 20; i += 1) sent.append(`a${i}`, "1");
    expect(await readBody(request(sent), { maxFormFields: 19 })).toMatchObject({ status: 400 });
    expect(await readBody(request(sent), { limit: 100 })).toMatchObject({ status: 413 });
  });
});

test("no bytes of any type make it throw", async () => {
  const types = fc.constantFrom(
    "application/json",
    "application/json; charset=utf-16le",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "",
    ";;=",
  );
  const contents = fc.oneof(
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.string({ unit: fc.constantFrom("a", "[", "]", "0", ".", "=", "&", "%", "{", '"', "\r\n", "--b", "é") }),
  );
  await fc.assert(
    fc.asyncProperty(contents, types, fc.boolean(), async (content, type, declared) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const headers = { "content-type": type, ...(declared && { "content-length": String(bytes.byteLength) }) };
      const body = await readBody(new Request("http://localhost/", { method: "POST", headers, body: bytes }));
      expect(body.ok || body.body.detail.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});
