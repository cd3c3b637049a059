import { createPerson, type TestPerson } from "../test-person.ts";
import { totpCode } from "../test-totp.ts";
import type { Call, Case, Cases } from "./case.ts";
import type { World } from "./world.ts";

const AUTH = "/api/v1/auth/";
const USERS = `${AUTH}users/`;
const app = { method: "app" };

const personOf = (world: World): Promise<TestPerson> =>
  createPerson(world.app, { email: `${world.fresh("someone")}@example.com`, organisationId: world.here.organisation });

/** About themselves, as a person of their own: some of these calls end a token or an account. */
const aboutSelf =
  (call: Call | ((person: TestPerson, world: World) => Call | Promise<Call>)): Case =>
  async (world) => {
    const person = await personOf(world);
    return { person, ...(typeof call === "function" ? await call(person, world) : call) };
  };

async function ask(person: TestPerson, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await person.call("POST", path, body);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body as Record<string, unknown>;
}

const secretOf = (begun: Record<string, unknown>): string => String(begun["secret"]);

interface Secured {
  readonly secret: string;
  readonly backupCodes: readonly string[];
}

/** Switches two-factor authentication on. */
async function secure(world: World, person: TestPerson): Promise<Secured> {
  const secret = secretOf(await ask(person, `${AUTH}app/activate/`, {}));
  const done = await ask(person, `${AUTH}app/activate/confirm/`, { code: totpCode(secret, world.now()) });
  return { secret, backupCodes: done["backup_codes"] as string[] };
}

const password = (person: TestPerson) => ({ current_password: person.password });

const setup: Cases = {
  "GET /api/v1/setup/": () => ({ status: 200 }),
  // There are accounts in this world, so that no link works any more.
  "GET /api/v1/setup/{token}/": () => ({ params: { token: "used-up" }, status: 404 }),
  "POST /api/v1/setup/{token}/": () => ({
    params: { token: "used-up" },
    body: {
      email: "first@example.com",
      password: "correct horse battery",
      first_name: "A",
      last_name: "B",
      organisation_name: "C",
    },
    status: 404,
  }),
};

const signingIn: Cases = {
  [`POST ${AUTH}login/`]: async (world) => {
    const { email, password } = await personOf(world);
    return { body: { email, password }, status: 200 };
  },
  [`POST ${AUTH}login/code/`]: async (world) => {
    const person = await personOf(world);
    const { backupCodes } = await secure(world, person);
    const challenge = await ask(person, `${AUTH}login/`, { email: person.email, password: person.password });
    return { body: { ephemeral_token: challenge["ephemeral_token"], code: backupCodes[0] }, status: 200 };
  },
  [`POST ${AUTH}logout/`]: aboutSelf({ body: {}, status: 204 }),
  [`DELETE ${AUTH}token/`]: aboutSelf({ status: 204 }),
  [`POST ${USERS}`]: (world) => ({
    // Nobody invited them.
    body: {
      email: `${world.fresh("new")}@example.com`,
      password: "correct horse battery",
      first_name: "New",
      last_name: "Person",
    },
    status: 403,
  }),
  [`POST ${USERS}reset_password/`]: () => ({ body: { email: "somebody@example.com" }, status: 204 }),
  [`POST ${USERS}reset_password_confirm/`]: () => ({
    body: {
      uid: "MQ",
      token: "made-up",
      new_password: "correct horse battery 2",
      re_new_password: "correct horse battery 2",
    },
    status: 400,
  }),
};

const byLink: Cases = {
  [`POST ${USERS}activation/`]: () => ({ body: { uid: "MQ", token: "made-up" }, status: 400 }),
  [`POST ${USERS}resend_activation/`]: () => ({ body: { email: "somebody@example.com" }, status: 204 }),
  [`POST ${USERS}reset_email/`]: () => ({ body: { email: "somebody@example.com" }, status: 204 }),
  [`POST ${USERS}reset_email_confirm/`]: () => ({
    body: { uid: "MQ", token: "made-up", new_email: "other@example.com" },
    status: 400,
  }),
};

const oneself: Cases = {
  [`GET ${USERS}me/`]: aboutSelf({ status: 200 }),
  [`PUT ${USERS}me/`]: aboutSelf({ body: { first_name: "New", last_name: "Name" }, status: 200 }),
  [`PATCH ${USERS}me/`]: aboutSelf({ body: { first_name: "New" }, status: 200 }),
  [`DELETE ${USERS}me/`]: aboutSelf((person) => ({ body: password(person), status: 204 })),
  [`POST ${USERS}set_email/`]: aboutSelf((person, world) => ({
    body: { ...password(person), new_email: `${world.fresh("moved")}@example.com` },
    status: 204,
  })),
  [`POST ${USERS}set_password/`]: aboutSelf((person) => ({
    body: { ...password(person), new_password: "battery horse correct", re_new_password: "battery horse correct" },
    status: 204,
  })),
  [`GET ${AUTH}mfa/user-active-methods/`]: aboutSelf({ status: 200 }),
  [`POST ${AUTH}{method}/activate/`]: aboutSelf({ params: app, body: {}, status: 200 }),
  [`POST ${AUTH}{method}/activate/confirm/`]: aboutSelf(async (person, world) => {
    const secret = secretOf(await ask(person, `${AUTH}app/activate/`, {}));
    return { params: app, body: { code: totpCode(secret, world.now()) }, status: 200 };
  }),
  [`POST ${AUTH}{method}/deactivate/`]: aboutSelf(async (person, world) => {
    const { secret } = await secure(world, person);
    // No code counts twice.
    world.wait();
    return { params: app, body: { code: totpCode(secret, world.now()) }, status: 204 };
  }),
};

export const accountCases: Cases = { ...setup, ...signingIn, ...byLink, ...oneself };
