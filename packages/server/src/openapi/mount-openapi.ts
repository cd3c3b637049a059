/** Serves the OpenAPI document and its reference page. Both say nothing secret, and need no credentials. */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { createDocument, type DocumentSources } from "./document.ts";
import { referencePage } from "./reference-page.ts";
import { referenceStyle } from "./reference-style.ts";

const JSON_PATH = "/api/v1/swagger.json";
const YAML_PATH = "/api/v1/swagger.yaml";
const PAGE_PATH = "/api/v1/docs/";
const STYLE_PATH = "/api/v1/docs/reference.css";

/** The page needs its style sheet and nothing else, from nowhere else. */
const POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface Served {
  readonly text: string;
  readonly etag: string;
  readonly type: string;
}

const served = (text: string, type: string): Served => ({
  text,
  type,
  etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`,
});

function makeAll(sources: DocumentSources): ReadonlyMap<string, Served> {
  const document = createDocument(sources);
  const json = JSON.stringify(document);
  const page = referencePage(document, { style: STYLE_PATH, json: JSON_PATH, yaml: YAML_PATH });
  return new Map([
    [JSON_PATH, served(json, "application/json")],
    // JSON is YAML; indented, it is readable YAML.
    [YAML_PATH, served(JSON.stringify(document, null, 2), "application/yaml")],
    [PAGE_PATH, served(page, "text/html; charset=utf-8")],
    [STYLE_PATH, served(referenceStyle, "text/css; charset=utf-8")],
  ]);
}

export function mountOpenApi(hono: Hono, sources: DocumentSources): void {
  // Made when first asked for: few ask, and starting should be quick.
  let all: ReadonlyMap<string, Served> | undefined;

  const answer = (path: string, request: Request): Response => {
    all ??= makeAll(sources);
    const { text, type, etag } = all.get(path) ?? served("", "text/plain");
    const headers = {
      ETag: etag,
      "Cache-Control": "no-cache",
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    };
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
    return new Response(text, { status: 200, headers: { ...headers, "Content-Type": type } });
  };

  for (const path of [JSON_PATH, YAML_PATH, PAGE_PATH, STYLE_PATH]) {
    hono.get(path, (c) => answer(path, c.req.raw));
    if (path.endsWith("/")) hono.get(path.slice(0, -1), (c) => answer(path, c.req.raw));
  }
}
