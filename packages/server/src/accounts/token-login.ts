/** Signing in with e-mail, password and a second factor where the answer is not a cookie but a token. */
import { AppError } from "../errors.ts";
import type { Auth } from "./auth.ts";

export type PasswordAnswer =
  | { readonly kind: "user"; readonly userId: number }
  /** Wanted: a code, together with this text, within ten minutes and five tries. */
  | { readonly kind: "challenge"; readonly challenge: string }
  | { readonly kind: "refused" };

export interface TokenLogin {
  signInWithPassword(email: string, password: string): Promise<PasswordAnswer>;
  /** A code of the authenticator app, or a backup code. undefined = refused. */
  answerChallenge(challenge: string, code: string): Promise<number | undefined>;
}

const CHALLENGE_COOKIE = "two_factor";

/** better-auth's refusals carry a status; anything else is a fault. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

function refusedOrThrow(error: unknown): undefined {
  const status = statusOf(error);
  if (status === 429) {
    throw new AppError("too_many", { detail: "Too many wrong codes. Try again in 15 minutes.", retryAfter: 900 });
  }
  if (status === undefined || status >= 500) throw error;
  return undefined;
}

function cookieValue(headers: Headers, name: string): string | undefined {
  const cookie = headers.getSetCookie().find((each) => each.startsWith(`${name}=`));
  const value = cookie?.slice(name.length + 1).split(";", 1)[0];
  return value ? decodeURIComponent(value) : undefined;
}

export function createTokenLogin(load: () => Promise<Auth>): TokenLogin {
  /** Their sessions are for browsers; a token lives by itself. */
  const endSession = async (auth: Auth, token: string | null | undefined) => {
    const context = await auth.$context;
    if (token) await context.internalAdapter.deleteSession(token);
  };

  return {
    signInWithPassword: async (email, password) => {
      const auth = await load();
      const context = await auth.$context;
      try {
        const { headers, response } = await auth.api.signInEmail({ body: { email, password }, returnHeaders: true });
        const challenge = cookieValue(headers, context.createAuthCookie(CHALLENGE_COOKIE).name);
        if (challenge !== undefined && !("token" in response)) return { kind: "challenge", challenge };
        await endSession(auth, response.token);
        return { kind: "user", userId: Number(response.user.id) };
      } catch (error) {
        refusedOrThrow(error);
        return { kind: "refused" };
      }
    },
    answerChallenge: async (challenge, code) => {
      const auth = await load();
      const context = await auth.$context;
      const name = context.createAuthCookie(CHALLENGE_COOKIE).name;
      const headers = new Headers({ cookie: `${name}=${encodeURIComponent(challenge)}` });
      const isTotp = /^\d{6}$/.test(code);
      try {
        const answer = isTotp
          ? await auth.api.verifyTOTP({ body: { code }, headers })
          : await auth.api.verifyBackupCode({ body: { code }, headers });
        await endSession(auth, answer.token);
        return Number(answer.user.id);
      } catch (error) {
        return refusedOrThrow(error);
      }
    },
  };
}
