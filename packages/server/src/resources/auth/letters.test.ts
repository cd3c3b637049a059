/** Letters with links: new passwords, addresses shown to be one's own, other addresses, invitations. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { callWith, createPerson, createStage, type Stage } from "../../testing/index.ts";
import { startTestMailbox, type TestMailbox } from "../../testing/test-mailbox.ts";

let mailbox: TestMailbox;
let stage: Stage;
let skew = 0;

beforeAll(async () => {
  mailbox = await startTestMailbox();
  const mail = { url: mailbox.url, from: "Burgee <burgee@example.com>" };
  stage = await createStage({ now: () => Date.now() + skew, accounts: { mail, openSignUp: true } });
});
afterAll(async () => {
  await stage.close();
  await mailbox.stop();
});

const USERS = "/api/v1/auth/users/";
const ask = (path: string, body: unknown) => {
  skew += 13_000;
  return callWith(stage.app.request, undefined, "POST", path, body);
};

/** The letters that came of `work`. */
async function lettersOf(work: () => Promise<unknown>) {
  const before = mailbox.mails.length;
  await work();
  await stage.app.app.accounts.letters.settled();
  return mailbox.mails.slice(before);
}

/** UID and token, as the page behind the link sends them on. */
function partsOf(link: string | undefined) {
  const [uid = "", token = ""] = (link ?? "").split("/").slice(-2);
  return { uid, token };
}

const userOf = (email: string) =>
  stage.app.db.kysely.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();

describe("a forgotten password", () => {
  test("is replaced by a link that is sent to its owner, and to nobody else", async () => {
    const person = await createPerson(stage.app);
    const [letter, ...more] = await lettersOf(() => ask(`${USERS}reset_password/`, { email: person.email }));
    expect(more).toEqual([]);
    expect(letter?.to).toEqual([person.email]);
    expect(letter?.source).toContain("From: Burgee <burgee@example.com>");
    expect(letter?.links[0]).toStartWith("http://localhost:8000/password-reset/confirm/");
    const new_password = "battery horse correct 7";
    const confirm = () => ask(`${USERS}reset_password_confirm/`, { ...partsOf(letter?.links[0]), new_password });
    expect([(await confirm()).status, (await confirm()).status]).toEqual([204, 400]);
    expect((await ask("/api/v1/auth/login/", { email: person.email, password: new_password })).status).toBe(200);
    expect(await lettersOf(() => ask(`${USERS}reset_password/`, { email: "nobody@example.com" }))).toEqual([]);
  });
});

describe("an address", () => {
  test("of somebody who signed up is theirs once the link was opened, and takes its invitations", async () => {
    const email = "fresh@example.com";
    const invited = () =>
      stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/invites/`, { email, role: "USER" });
    await lettersOf(invited);
    const signUp = { email, password: "correct horse battery", first_name: "F", last_name: "P" };
    const [letter] = await lettersOf(() => ask(USERS, signUp));
    expect(letter?.to).toEqual([email]);
    expect((await userOf(email))?.email_verified).toBe(0);
    expect(await ask(`${USERS}activation/`, { uid: partsOf(letter?.links[0]).uid, token: "made up" })).toMatchObject({
      status: 400,
      body: { token: ["Invalid token for given user."] },
    });
    expect((await ask(`${USERS}activation/`, partsOf(letter?.links[0]))).status).toBe(204);
    expect((await userOf(email))?.email_verified).toBe(1);
    const members = await stage.send<{ email: string }[]>(
      200,
      "GET",
      `/api/v1/organisations/${stage.organisationId}/users/`,
    );
    expect(members.map((member) => member.email)).toContain(email);
    expect(await lettersOf(() => ask(`${USERS}resend_activation/`, { email }))).toEqual([]);
  });

  test("is asked to be confirmed again where it was changed, and again on request", async () => {
    const person = await createPerson(stage.app);
    const body = { current_password: person.password, new_email: "changed@example.com" };
    const [letter] = await lettersOf(() => person.call("POST", `${USERS}set_email/`, body));
    expect(letter?.to).toEqual(["changed@example.com"]);
    const [again] = await lettersOf(() => ask(`${USERS}resend_activation/`, { email: "changed@example.com" }));
    expect((await ask(`${USERS}activation/`, partsOf(letter?.links[0]))).status).toBe(400);
    expect((await ask(`${USERS}activation/`, partsOf(again?.links[0]))).status).toBe(204);
  });

  test("is exchanged for another by a link to the old one, which is no password's link", async () => {
    const person = await createPerson(stage.app);
    const other = await createPerson(stage.app);
    const [letter] = await lettersOf(() => ask(`${USERS}reset_email/`, { email: person.email }));
    const link = partsOf(letter?.links[0]);
    const new_password = "battery horse correct 7";
    expect((await ask(`${USERS}reset_password_confirm/`, { ...link, new_password })).status).toBe(400);
    const confirm = (new_email: string) => ask(`${USERS}reset_email_confirm/`, { ...link, new_email });
    expect(await confirm(other.email)).toMatchObject({ status: 400, body: { new_email: [expect.any(String)] } });
    expect((await confirm("moved@example.com")).status).toBe(204);
    expect((await userOf("moved@example.com"))?.id).toBe(person.id);
    expect((await confirm("again@example.com")).status).toBe(400);
    expect((await stage.audit())[0]).toMatchObject({ object_type: "user", actor: `user:${person.id}` });
  });

  test("too old a link opens nothing", async () => {
    const person = await createPerson(stage.app);
    const [letter] = await lettersOf(() => ask(`${USERS}reset_email/`, { email: person.email }));
    skew += 61 * 60_000;
    const body = { ...partsOf(letter?.links[0]), new_email: "late@example.com" };
    expect((await ask(`${USERS}reset_email_confirm/`, body)).status).toBe(400);
  });
});

describe("an invitation", () => {
  const invites = () => `/api/v1/organisations/${stage.organisationId}/invites/`;

  test("is sent with its link, again on request, and one name cannot write headers", async () => {
    const name = "Ours\r\nBcc: everybody@example.com";
    await stage.send(200, "PATCH", `/api/v1/organisations/${stage.organisationId}/`, { name });
    const email = "guest@example.com";
    const [letter] = await lettersOf(() => stage.send(201, "POST", invites(), { email, role: "USER" }));
    expect(letter?.to).toEqual([email]);
    const listed = await stage.send<{ results: { id: number; email: string; link: string }[] }>(200, "GET", invites());
    const made = listed.results.find((invite) => invite.email === email);
    expect(letter?.links).toContain(made?.link ?? "");
    const [again] = await lettersOf(() => stage.send(200, "POST", `${invites()}${made?.id}/resend/`));
    expect(again?.links).toEqual(letter?.links ?? []);
  });

  test("of several people is one letter each", async () => {
    const emails = ["one@example.com", "two@example.com"];
    const path = `/api/v1/organisations/${stage.organisationId}/invite/`;
    const letters = await lettersOf(() => stage.send(200, "POST", path, { invites: [], emails }));
    expect(letters.flatMap(({ to }) => to).sort()).toEqual(emails);
  });
});

test("a mail server that is away is the operator's concern, not the caller's", async () => {
  const mail = { url: "smtp://127.0.0.1:1", from: "burgee@example.com" };
  const away = await createStage({ accounts: { mail } });
  const person = await createPerson(away.app);
  const answer = await callWith(away.app.request, undefined, "POST", `${USERS}reset_password/`, {
    email: person.email,
  });
  expect(answer.status).toBe(204);
  await away.close();
});

test("the version says whether letters are sent", async () => {
  const version = async (of: Stage) => (await (await of.app.request("/version/")).json()) as Record<string, unknown>;
  expect((await version(stage))["has_email_provider"]).toBe(true);
  const without = await createStage();
  expect((await version(without))["has_email_provider"]).toBe(false);
  await without.close();
});
