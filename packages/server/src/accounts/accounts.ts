/**
 * People: who they are, how they sign in, and which request is whose. better-auth does the signing in; it is loaded with the
 * first request that needs it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Kysely } from "kysely";
import { userCaller } from "../access/authenticate.ts";
import type { Caller } from "../access/caller.ts";
import type { Changes, RequestInfo } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { AppError } from "../errors.ts";
import { clientAddress } from "../http/client-address.ts";
import { createRateLimiter } from "../http/rate-limit.ts";
import { requestId } from "../http/request-id.ts";
import { assertSameOrigin } from "../http/same-origin.ts";
import type { Auth } from "./auth.ts";
import { acceptInvitesTo } from "./invitations.ts";
import { createLetters, type Letters } from "./letters.ts";
import { type AccountSettings, ADDRESS_HEADER, BASE_PATH } from "./settings.ts";
import { createTokenLogin, type TokenLogin } from "./token-login.ts";
import { tokenHashOf } from "./tokens.ts";
import { createTwoFactor, type TwoFactor } from "./two-factor.ts";

export interface AccountsDeps {
  readonly db: Kysely<Tables>;
  readonly changes: Changes;
  readonly settings: AccountSettings;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (level: "warn" | "error", message: string) => void;
}

export interface Accounts extends TokenLogin {
  readonly settings: AccountSettings;
  /** Answers everything under /api/auth/. */
  handle(request: Request): Promise<Response>;
  /** Whose browser this is, by its session cookie. Refuses writes that other sites' pages sent. */
  callerOf(request: Request): Promise<Caller | undefined>;
  /** When the token or session of this request was made; undefined for whoever has neither. Milliseconds since 1970. */
  signedInAt(request: Request): Promise<number | undefined>;
  /** Ends the session of this request's cookie. */
  endSession(request: Request): Promise<void>;
  readonly twoFactor: TwoFactor;
  readonly letters: Letters;
  /** For the operator. */
  readonly log: AccountsDeps["log"];
  /** Counts a try of somebody's from one address; throws AppError "too_many". */
  readonly limits: Limits;
  /** Notes that a token or key was used, now and then: not with every request. */
  noteUse(table: "user_tokens" | "organisation_keys", id: number): void;
}

export interface Limits {
  /** Without an address where none is given. */
  login(request: Request, email?: string): void;
  secondFactor(request: Request, challenge: string): void;
  reset(request: Request): void;
  signUp(request: Request): void;
  /** Of programs: their tokens, and their registration. */
  token(request: Request): void;
  register(request: Request): void;
}

const COOKIE = "burgee.session_token=";
const MINUTE = 60_000;
const nobody: RequestInfo = { actor: "anonymous", requestId: null };
/** How long an identity provider that did not answer is left alone. */
const RETRY_MS = 30_000;

function createLimits({ settings, now }: AccountsDeps): Limits {
  const perMinute = (max: number) => createRateLimiter({ max, windowMs: MINUTE }, now);
  const login = perMinute(20);
  const secondFactor = perMinute(5);
  const reset = perMinute(5);
  const signUp = perMinute(60);
  const token = perMinute(60);
  const register = perMinute(10);
  const address = (request: Request) => `address ${clientAddress(request, settings.trustedProxies)}`;
  return {
    login: (request, email) => {
      login.take(address(request));
      if (email !== undefined) login.take(`email ${email.toLowerCase().slice(0, 254)}`);
    },
    secondFactor: (request, challenge) => {
      secondFactor.take(address(request));
      secondFactor.take(`challenge ${challenge.slice(0, 300)}`);
    },
    reset: (request) => reset.take(address(request)),
    signUp: (request) => signUp.take(address(request)),
    token: (request) => token.take(address(request)),
    register: (request) => register.take(address(request)),
  };
}

/** The request that better-auth is working on. */
interface Current {
  readonly info: RequestInfo;
  fault?: unknown;
}

/** better-auth, once; again only while its identity provider is missing. */
function createLoader(deps: AccountsDeps, requests: AsyncLocalStorage<Current>): () => Promise<Auth> {
  const { db, changes, settings, now, log } = deps;
  const currentRequest = () => requests.getStore()?.info ?? nobody;
  const isInvited = async (email: string) => {
    const invite = await db.selectFrom("invites").select("id").where("email", "=", email).executeTakeFirst();
    return invite !== undefined;
  };
  const acceptInvites = (userId: number, email: string) =>
    changes.commit({ ...currentRequest(), actor: `user:${userId}` }, async (trx) => ({
      result: undefined,
      entries: await acceptInvitesTo(trx, { userId, email, now: now() }),
    }));
  const onFault = (error: unknown) => {
    const current = requests.getStore();
    if (current) current.fault = error;
  };
  const build = async () => {
    const { createAuth } = await import("./auth.ts");
    return createAuth({ db, changes, settings, now, log, currentRequest, isInvited, acceptInvites, onFault });
  };
  let loading: ReturnType<typeof build> | undefined;
  let retryAt = Number.POSITIVE_INFINITY;
  const start = async () => {
    retryAt = Number.POSITIVE_INFINITY;
    try {
      const built = await build();
      if (!built.isComplete) retryAt = now() + RETRY_MS;
      return built;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return async () => {
    if (!loading || now() >= retryAt) loading = start();
    return (await loading).auth;
  };
}

function createUseNotes({ db, now, log }: AccountsDeps): Accounts["noteUse"] {
  const noted = new Map<string, number>();
  return (table, id) => {
    const key = `${table} ${id}`;
    const at = now();
    if (at - (noted.get(key) ?? 0) < MINUTE) return;
    if (noted.size > 10_000) noted.clear();
    noted.set(key, at);
    db.updateTable(table)
      .set({ last_used_at: at })
      .where("id", "=", id)
      .execute()
      .catch((error: unknown) => log("warn", `last use of a key was not noted: ${String(error)}`));
  };
}

/** Where better-auth takes a password of somebody who is signed in: guessing it there is guessing, too. */
const ASKS_PASSWORD = new Set([
  "/change-password",
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/get-totp-uri",
  "/two-factor/generate-backup-codes",
]);

/** The limits of better-auth's own doors, by path. */
async function limit(limits: Limits, request: Request): Promise<void> {
  const path = new URL(request.url).pathname.slice(BASE_PATH.length).replace(/\/+$/, "");
  if (path === "/sign-in/email") {
    const body: unknown = await request
      .clone()
      .json()
      .catch(() => undefined);
    const email = typeof body === "object" && body !== null && "email" in body ? body.email : "";
    limits.login(request, String(email));
  } else if (path === "/sign-in/social" || path === "/passkey/verify-authentication") limits.login(request);
  else if (path.startsWith("/two-factor/verify-")) {
    limits.secondFactor(request, request.headers.get("cookie") ?? "");
  } else if (ASKS_PASSWORD.has(path)) limits.reset(request);
}

function refusal(error: AppError): Response {
  const headers =
    error.status < 500 && error.status !== 429 ? {} : { "Retry-After": String(error.details["retryAfter"] ?? 1) };
  const message = String(error.details["detail"] ?? error.message);
  const body = { code: error.code.toUpperCase(), message };
  return Response.json(body, { status: error.status, headers });
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { db, settings } = deps;
  const requests = new AsyncLocalStorage<Current>();
  const load = createLoader(deps, requests);
  const limits = createLimits(deps);

  const findSession = async (request: Request) => {
    if (!request.headers.get("cookie")?.includes(COOKIE)) return undefined;
    const auth = await load();
    return (await auth.api.getSession({ headers: request.headers, query: { disableRefresh: true } })) ?? undefined;
  };

  const sessionUser = async (request: Request): Promise<number | undefined> => {
    const session = await findSession(request);
    return session && Number(session.user.id);
  };

  /** Asked before better-auth works: a change of password may end the very session that shows whose it is. */
  const describe = async (request: Request): Promise<RequestInfo> => {
    const userId = request.method === "GET" ? undefined : await sessionUser(request);
    return {
      actor: userId === undefined ? nobody.actor : `user:${userId}`,
      requestId: requestId(request),
      address: clientAddress(request, settings.trustedProxies),
    };
  };

  const answer = async (request: Request): Promise<Response> => {
    await limit(limits, request);
    const auth = await load();
    const headers = new Headers(request.headers);
    headers.set(ADDRESS_HEADER, clientAddress(request, settings.trustedProxies));
    const current: Current = { info: await describe(request) };
    const response = await requests.run(current, () => auth.handler(new Request(request, { headers })));
    if ("fault" in current) throw current.fault;
    return response;
  };

  return {
    settings,
    limits,
    log: deps.log,
    twoFactor: createTwoFactor({ ...deps, secret: settings.secret }),
    signedInAt: async (request) => {
      const hash = tokenHashOf(request);
      if (hash === undefined) return (await findSession(request))?.session.createdAt.getTime();
      const token = db.selectFrom("user_tokens").select("created_at").where("hash", "=", hash);
      return (await token.executeTakeFirst())?.created_at;
    },
    letters: createLetters(deps),
    endSession: async (request) => {
      const auth = await load();
      await auth.api.signOut({ headers: request.headers });
    },
    ...createTokenLogin(load),
    noteUse: createUseNotes(deps),
    callerOf: async (request) => {
      const userId = await sessionUser(request);
      if (userId === undefined) return undefined;
      assertSameOrigin(request, settings.publicUrl());
      return userCaller(db, userId);
    },
    handle: async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        if (error instanceof AppError) return refusal(error);
        throw error;
      }
    },
  };
}
