import { afterEach, describe, expect, test } from "bun:test";
import { api, apiPath, isWorthRetrying, request } from "./client.ts";
import { ApiError, blockingError, fieldError, formError, messageOf } from "./errors.ts";

const servers: { stop(force?: boolean): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

/** A real server that answers as told and keeps what it was asked. */
function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const asked: { method: string; url: string; headers: Headers; body: string }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (incoming) => {
      const text = await incoming.text();
      asked.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body: text });
      return new Response(body || null, { status, headers });
    },
  });
  servers.push(server);
  return { url: `http://127.0.0.1:${server.port}`, asked };
}

const refusal = async (status: number, body: unknown): Promise<ApiError> => {
  const { url } = answering(status, JSON.stringify(body));
  const error = await api.get(url).catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe("a path", () => {
  test("has its parts encoded once, whatever stands in them", () => {
    const odd = "a/b?c#d%e f@ü";
    expect(apiPath`/environments/${"key"}/identities/by-identifier/${odd}/`).toBe(
      `/api/v1/environments/key/identities/by-identifier/${encodeURIComponent(odd)}/`,
    );
    expect(apiPath`/projects/${12}/`).toBe("/api/v1/projects/12/");
    expect(apiPath`/projects/`).toBe("/api/v1/projects/");
  });
});

describe("a request", () => {
  test("sends JSON, the query without its empty values, and what it was shown as If-Match", async () => {
    const { url, asked } = answering(200, '{"a":1}', { ETag: '"7"' });
    const answer = await request("PUT", url, {
      body: { on: true },
      query: { q: "x y", page: 2, none: undefined, empty: "", nil: null, off: false },
      ifMatch: '"6"',
    });
    expect(answer).toEqual({ data: { a: 1 }, status: 200, etag: '"7"' });
    const [sent] = asked;
    expect(sent?.url).toEndWith("/?q=x+y&page=2&off=false");
    expect(sent?.body).toBe('{"on":true}');
    expect(sent?.headers.get("content-type")).toBe("application/json");
    expect(sent?.headers.get("if-match")).toBe('"6"');
  });

  test("answers undefined where there is no body, and stays an abort when it is aborted", async () => {
    const { url } = answering(204, "");
    expect(await api.delete(url)).toBeUndefined();
    const stopped = AbortSignal.abort();
    const error = await api.get(url, { signal: stopped }).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(ApiError);
    expect((error as Error).name).toBe("AbortError");
  });

  test("says that the server was not reached, and that this may be tried again", async () => {
    const { url } = answering(200, "");
    for (const server of servers.splice(0)) server.stop(true);
    const error = await api.get(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 0 });
    expect(messageOf(error)).toContain("cannot be reached");
    expect(isWorthRetrying(error)).toBe(true);
  });
});

describe("a refusal", () => {
  test("brings its complaints to the fields of the form", async () => {
    const error = await refusal(400, { email: ["Enter a valid email address."], invites: [{}, { role: ["No."] }] });
    expect(fieldError(error, "email")).toBe("Enter a valid email address.");
    expect(fieldError(error, "invites")).toBe("No.");
    expect(fieldError(error, "password")).toBeUndefined();
    expect(formError(error, ["email"])).toBeUndefined();
    expect(formError(error, ["password"])).toBe("email: Enter a valid email address.");
    expect(formError(null, ["email"])).toBeUndefined();
  });

  test("speaks of the whole request in the server's words, and in plain ones where it has none", async () => {
    expect((await refusal(400, { non_field_errors: ["They do not match."] })).message).toBe("They do not match.");
    expect((await refusal(401, { code: "INVALID_EMAIL_OR_PASSWORD", message: "Invalid." })).message).toBe("Invalid.");
    expect((await refusal(400, ["Just this."])).message).toBe("Just this.");
    expect((await refusal(404, { detail: "Not found." })).message).toContain("you may not see it");
    expect((await refusal(403, { detail: "Ask an administrator." })).message).toBe("Ask an administrator.");
    expect((await refusal(418, "")).message).not.toBe("");
    expect((await refusal(502, {})).message).toContain("went wrong");
  });

  test("knows a conflict, and the spot of a search that is at fault", async () => {
    expect((await refusal(412, { value: 2 })).isConflict).toBe(true);
    const error = await refusal(400, { q: ["Unknown word."], position: 4, length: 3 });
    expect(error.spot).toEqual({ position: 4, length: 3 });
    expect(fieldError(error, "q")).toBe("Unknown word.");
    expect(isWorthRetrying(error)).toBe(false);
  });

  test("takes away what is shown only where it is gone or hidden, not where asking again has failed", async () => {
    const [away, gone] = [await refusal(503, {}), await refusal(404, {})];
    expect(blockingError({ data: undefined, error: away })).toBe(away);
    expect(blockingError({ data: 1, error: away })).toBeNull();
    expect(blockingError({ data: 1, error: gone })).toBe(gone);
    expect(blockingError({ data: 1, error: null })).toBeNull();
  });
});
