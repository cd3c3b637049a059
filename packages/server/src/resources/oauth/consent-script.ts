/** What the consent page does in the browser: asks whose session this is, signs in where there is none, and carries the answer back. */
export const consentScript = `"use strict";
const AUTHORISE = "/api/v1/oauth/authorize/";
const asked = Object.fromEntries(new URLSearchParams(location.search));
const find = (id) => document.getElementById(id);
const show = (id) => {
  for (const each of document.querySelectorAll("section")) each.hidden = each.id !== id;
};
const say = (text) => {
  find("fault").textContent = text || "";
};

async function ask(path, body) {
  const answer = await fetch(path, {
    credentials: "same-origin",
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  });
  const said = await answer.json().catch(() => ({}));
  return { status: answer.status, said: said || {} };
}

async function begin() {
  const { status, said } = await ask(AUTHORISE + location.search);
  if (status === 401) return show("sign-in");
  if (status !== 200) {
    show("none");
    return say(said.error_description || said.detail || "This link is not valid.");
  }
  const me = await ask("/api/v1/auth/users/me/");
  find("program").textContent = said.application.name;
  find("account").textContent = me.said.email || "";
  find("stranger").hidden = said.is_verified;
  find("target").textContent = new URL(said.redirect_uri).host || said.redirect_uri;
  const list = find("scopes");
  list.replaceChildren();
  for (const meaning of new Set(Object.values(said.scopes))) {
    const item = document.createElement("li");
    item.textContent = meaning;
    list.append(item);
  }
  show("consent");
}

async function decide(allow) {
  const { status, said } = await ask(AUTHORISE, { ...asked, allow });
  if (status === 200) return location.assign(said.redirect_uri);
  say(said.error_description || said.detail || "That did not work.");
}

async function signIn(event) {
  event.preventDefault();
  say("");
  const { email, password } = event.target.elements;
  const { status, said } = await ask("/api/auth/sign-in/email", { email: email.value, password: password.value });
  if (status !== 200) return say(said.message || "Address or password is wrong.");
  if (said.twoFactorRedirect) return show("second-factor");
  await begin();
}

async function sendCode(event) {
  event.preventDefault();
  say("");
  const code = event.target.elements.code.value.trim();
  const path = /^\\d{6}$/.test(code) ? "verify-totp" : "verify-backup-code";
  const { status, said } = await ask("/api/auth/two-factor/" + path, { code });
  if (status !== 200) return say(said.message || "The code is wrong.");
  await begin();
}

find("sign-in-form").addEventListener("submit", signIn);
find("code-form").addEventListener("submit", sendCode);
find("allow").addEventListener("click", () => decide(true));
find("deny").addEventListener("click", () => decide(false));
begin();
`;
