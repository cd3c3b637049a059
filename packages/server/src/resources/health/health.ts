/** Health and version, for orchestrators, proxies and people. */
import type { Db } from "../../db/database.ts";
import { json } from "../../http/headers.ts";
import { VERSION } from "../../version.ts";

const CHECK_MS = 3000;

async function databaseState(db: Db): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("unavailable: no answer in time"), CHECK_MS);
  });
  const answer = db.ping().then(
    () => "working",
    (error: unknown) => `unavailable: ${error instanceof Error ? error.message : "unknown error"}`,
  );
  const state = await Promise.race([answer, late]);
  clearTimeout(timer);
  return state;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function asPage(checks: Readonly<Record<string, string>>, status: number): Response {
  const rows = Object.entries(checks).map(([name, state]) => `<tr><td>${name}</td><td>${escapeHtml(state)}</td></tr>`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Burgee health</title><h1>Burgee health</h1><table>${rows.join("")}</table></html>`;
  return new Response(page, {
    status,
    headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" },
  });
}

export const liveness = (): Response => json(200, { status: "ok" });

export async function readiness(db: Db, request: Request): Promise<Response> {
  const checks = { database: await databaseState(db) };
  const status = checks.database === "working" ? 200 : 500;
  const wantsJson =
    request.headers.get("accept")?.includes("application/json") ||
    new URL(request.url).searchParams.get("format") === "json";
  return wantsJson ? json(status, checks) : asPage(checks, status);
}

export function version(hasMail: boolean): Response {
  return json(200, {
    ci_commit_sha: "unknown",
    image_tag: VERSION,
    has_email_provider: hasMail,
    is_enterprise: false,
    is_saas: false,
    self_hosted_data: null,
    package_versions: { ".": VERSION },
  });
}
