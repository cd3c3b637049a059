/** better-auth, set up for Burgee. Imported only when somebody signs in: it is large, and SDKs must not wait for it. */
import { passkey } from "@better-auth/passkey";
import { APIError, createAuthMiddleware, getSessionFromCtx, isAPIError } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { Kysely } from "kysely";
import type { Changes, RequestInfo } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { isSameOrigin } from "../http/same-origin.ts";
import { revokeAllOf } from "./access-tokens.ts";
import { createAuthAdapter } from "./auth-adapter.ts";
import { isReachable, OIDC, oidcProvider } from "./oidc.ts";
import { MAX_PASSWORD, MIN_PASSWORD, passwordFaults } from "./password-rules.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import { type AccountSettings, ADDRESS_HEADER, BASE_PATH } from "./settings.ts";

export interface AuthDeps {
  readonly db: Kysely<Tables>;
  readonly changes: Changes;
  readonly settings: AccountSettings;
  readonly now: () => number;
  readonly currentRequest: () => RequestInfo;
  /** Whether somebody was invited by e-mail. */
  readonly isInvited: (email: string) => Promise<boolean>;
  /** Makes a new person, whose address the provider vouches for, a member where it was invited to. */
  readonly acceptInvites: (userId: number, email: string) => Promise<void>;
  readonly log: (level: "warn" | "error", message: string) => void;
  /** Told of what went wrong where better-auth would answer 500 by itself. */
  readonly onFault: (error: unknown) => void;
}

/** What is not offered, or has a door of its own: signing up, names and addresses, deletion, whatever needs a mailer. */
const disabledPaths = [
  "/sign-up/email",
  "/change-email",
  "/delete-user",
  "/delete-user/callback",
  "/request-password-reset",
  "/reset-password",
  "/reset-password/:token",
  "/send-verification-email",
  "/verify-email",
  "/get-access-token",
  "/refresh-token",
  "/account-info",
  "/update-user",
  "/update-session",
  "/verify-password",
  "/two-factor/send-otp",
  "/two-factor/verify-otp",
];

const DAY_SECONDS = 24 * 60 * 60;

function createHooks({ db }: AuthDeps) {
  return {
    before: createAuthMiddleware(async (ctx) => {
      if (ctx.path !== "/change-password") return;
      const session = await getSessionFromCtx(ctx);
      const [fault] = passwordFaults(String(ctx.body?.newPassword ?? ""), { email: session?.user.email ?? "" });
      if (fault !== undefined) throw new APIError("BAD_REQUEST", { code: "WEAK_PASSWORD", message: fault });
      // Whoever knew the old password is out everywhere else.
      return { context: { body: { ...ctx.body, revokeOtherSessions: true } } };
    }),
    after: createAuthMiddleware(async (ctx) => {
      if (ctx.path !== "/change-password" || !ctx.context.newSession) return;
      const userId = Number(ctx.context.newSession.user.id);
      await db.deleteFrom("user_tokens").where("user_id", "=", userId).execute();
      await revokeAllOf(db, userId);
    }),
  };
}

async function maySignUp({ settings, isInvited }: AuthDeps, user: Readonly<Record<string, unknown>>): Promise<boolean> {
  if (settings.openSignUp || settings.oidc?.signUp) return true;
  const isVerified = user["emailVerified"] === true || settings.oidc?.trustEmail === true;
  return isVerified && (await isInvited(String(user["email"] ?? "").toLowerCase()));
}

function createDatabaseHooks({ db, now, settings, acceptInvites }: AuthDeps) {
  return {
    user: {
      create: {
        before: async (user: Record<string, unknown>) => {
          const [first = "", ...rest] = String(user["name"] ?? "")
            .trim()
            .split(/\s+/);
          const names = { name: first.slice(0, 150), lastName: rest.join(" ").slice(0, 150) };
          const emailVerified = user["emailVerified"] === true || settings.oidc?.trustEmail === true;
          return { data: { ...names, emailVerified, uuid: crypto.randomUUID(), isActive: true } };
        },
        after: async (user: Record<string, unknown>) => {
          if (user["emailVerified"] === true) await acceptInvites(Number(user["id"]), String(user["email"]));
        },
      },
    },
    session: {
      create: {
        before: async (session: Record<string, unknown>) => {
          const id = Number(session["userId"]);
          const user = await db.selectFrom("users").select("is_active").where("id", "=", id).executeTakeFirst();
          return user?.is_active === 1 ? undefined : false;
        },
        after: async (session: Record<string, unknown>) => {
          const id = Number(session["userId"]);
          await db.updateTable("users").set({ last_login_at: now() }).where("id", "=", id).execute();
        },
      },
    },
    account: {
      create: {
        // The provider is asked who somebody is, and nothing else: its tokens are not kept.
        before: async () => ({ data: { accessToken: null, refreshToken: null, idToken: null } }),
      },
    },
  };
}

/** The public address, and whatever other name of this very server the page was opened by. */
function originsOf(publicUrl: string, request: Request | undefined): string[] {
  const own = new URL(publicUrl).origin;
  const origin = request?.headers.get("origin");
  return request && origin && isSameOrigin(request, publicUrl) ? [own, origin] : [own];
}

export async function createAuth(deps: AuthDeps) {
  const { db, changes, settings, currentRequest, log, onFault } = deps;
  const publicUrl = settings.publicUrl();
  const hasOidc = settings.oidc !== undefined && (await isReachable(settings.oidc));
  if (settings.oidc && !hasOidc) log("warn", `The identity provider ${settings.oidc.issuer} does not answer.`);
  const auth = betterAuth({
    appName: "Burgee",
    baseURL: publicUrl,
    basePath: BASE_PATH,
    secret: settings.secret,
    database: createAuthAdapter({ db, changes, currentRequest }),
    telemetry: { enabled: false },
    logger: { level: "warn", log: (level, message) => log(level === "error" ? "error" : "warn", message) },
    trustedOrigins: (request) => originsOf(publicUrl, request),
    onAPIError: { onError: (error) => (isAPIError(error) ? undefined : onFault(error)) },
    // Ours counts instead: it knows the client's address.
    rateLimit: { enabled: false },
    disabledPaths,
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
      password: { hash: hashPassword, verify: ({ hash, password }) => verifyPassword(hash, password) },
    },
    session: { expiresIn: 14 * DAY_SECONDS, updateAge: DAY_SECONDS },
    user: {
      additionalFields: {
        uuid: { type: "string", input: false },
        lastName: { type: "string", input: true, required: false },
        isActive: { type: "boolean", input: false, returned: false },
      },
      validateUserInfo: async ({ user, source }) =>
        source.action !== "create-user" || (await maySignUp(deps, user)) ? undefined : { error: "invitation_required" },
    },
    account: {
      updateAccountOnSignIn: false,
      // Local addresses count as verified only where an invitation or the operator vouched for them.
      accountLinking: { enabled: true, trustedProviders: settings.oidc?.trustEmail ? [OIDC] : [] },
    },
    databaseHooks: createDatabaseHooks(deps),
    hooks: createHooks(deps),
    advanced: {
      cookiePrefix: "burgee",
      useSecureCookies: publicUrl.startsWith("https:"),
      database: { generateId: "serial" },
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    plugins: [
      twoFactor({ issuer: "Burgee", allowPasswordless: true }),
      passkey({ rpName: "Burgee", rpID: new URL(publicUrl).hostname, origin: new URL(publicUrl).origin }),
      ...(settings.oidc && hasOidc ? [genericOAuth({ config: [oidcProvider(settings.oidc)] })] : []),
    ],
  });
  return { auth, isComplete: settings.oidc === undefined || hasOidc };
}

export type Auth = Awaited<ReturnType<typeof createAuth>>["auth"];
