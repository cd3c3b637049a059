/**
 * The page where a person lets a program in, with nothing on it from elsewhere. It works without the dashboard, which may not be built;
 * whoever signs in by passkey or single sign-on does that there first.
 */
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { consentScript } from "./consent-script.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;background:#f6f6f8;color:#1b1b1f}
main{background:#fff;border:1px solid #ddd;border-radius:8px;padding:2rem;width:min(24rem,calc(100vw - 6rem))}
label{display:block;margin:.75rem 0}input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
button{font:inherit;padding:.5rem 1rem;margin:1rem .5rem 0 0;border-radius:6px;border:1px solid #555;background:#fff;color:inherit;cursor:pointer}
button.main{background:#3b3b9e;border-color:#3b3b9e;color:#fff}#fault{color:#a40000;min-height:1.5em}
@media(prefers-color-scheme:dark){body{background:#131316;color:#e8e8ec}main{background:#1d1d22;border-color:#444}
input,button{background:#131316;color:inherit;border-color:#777}#fault{color:#ff9a9a}}`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Let a program in - Burgee</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Burgee</h1>
<section id="sign-in" hidden>
<p>Sign in, to decide whether a program may act for you.</p>
<form id="sign-in-form">
<label>E-mail address <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button class="main">Sign in</button>
</form>
<p>With a passkey or single sign-on: <a href="/">sign in there</a>, then open this page again.</p>
</section>
<section id="second-factor" hidden>
<form id="code-form">
<label>Code of your authenticator app, or a backup code
<input name="code" autocomplete="one-time-code" required></label>
<button class="main">Go on</button>
</form>
</section>
<section id="consent" hidden>
<p><strong id="program"></strong> asks to act for <strong id="account"></strong>. It could:</p>
<ul id="scopes"></ul>
<p id="stranger">It is not part of Burgee: it gave itself this name.</p>
<p>Your answer goes to <strong id="target"></strong>.</p>
<button class="main" id="allow">Let it in</button>
<button id="deny">Refuse</button>
</section>
<section id="none" hidden></section>
<p id="fault" role="alert"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
</main>
<script src="/oauth/authorize/consent.js"></script>
</body>
</html>
`;

const styleHash = createHash("sha256").update(STYLE).digest("base64");
const POLICY = `default-src 'none'; script-src 'self'; style-src 'sha256-${styleHash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // The query holds what the program asked for.
  "Referrer-Policy": "no-referrer",
};

export function mountConsentPage(hono: Hono): void {
  const page = () => new Response(PAGE, { headers: { ...HEADERS, "Content-Type": "text/html; charset=utf-8" } });
  for (const path of ["/oauth/authorize/", "/oauth/authorize"]) hono.get(path, page);
  hono.get(
    "/oauth/authorize/consent.js",
    () => new Response(consentScript, { headers: { ...HEADERS, "Content-Type": "text/javascript; charset=utf-8" } }),
  );
}
