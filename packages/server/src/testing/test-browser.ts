/** A browser in tests: keeps cookies, and says where its pages are from. */
import type { TestApp } from "./test-app.ts";

export interface TestBrowser {
  readonly jar: Map<string, string>;
  send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
}

/** `origin` null = it does not say. */
export function createTestBrowser(
  request: TestApp["request"],
  origin: string | null = "http://localhost:8000",
): TestBrowser {
  const jar = new Map<string, string>();
  return {
    jar,
    send: async (method: string, path: string, body?: unknown) => {
      const headers = new Headers({ "Content-Type": "application/json" });
      if (jar.size > 0) headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
      if (origin !== null && method !== "GET") headers.set("Origin", origin);
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await request(path, init);
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair = "", ...attributes] = cookie.split("; ");
        const [name = "", value = ""] = pair.split("=", 2);
        if (attributes.includes("Max-Age=0")) jar.delete(name);
        else jar.set(name, value);
      }
      const text = await answer.text();
      const parsed: unknown = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
      return { status: answer.status, body: parsed as Record<string, unknown>, headers: answer.headers };
    },
  };
}
