/** Signing in and out. The session is a cookie that scripts cannot read; these are the doors that set and clear it. */
import { api, apiPath } from "./client.ts";

const AUTH = "/api/auth";

export type SignedIn = "signed-in" | "two-factor";

export async function signIn(email: string, password: string): Promise<SignedIn> {
  const answer = await api.post<{ twoFactorRedirect?: boolean }>(`${AUTH}/sign-in/email`, { email, password });
  return answer.twoFactorRedirect ? "two-factor" : "signed-in";
}

/** Six digits are the authenticator app's, anything else one of the backup codes. */
export async function answerTwoFactor(code: string, trustDevice: boolean): Promise<void> {
  const trimmed = code.replaceAll(/\s/g, "");
  const door = /^\d{6}$/.test(trimmed) ? "verify-totp" : "verify-backup-code";
  await api.post(`${AUTH}/two-factor/${door}`, { code: trimmed, trustDevice });
}

/** Leaves the page for the identity provider's. */
export async function signInElsewhere(provider: string, next: string): Promise<void> {
  const callbackURL = new URL(next, location.origin).href;
  const errorCallbackURL = new URL("/login?refused=true", location.origin).href;
  const { url } = await api.post<{ url?: string }>(`${AUTH}/sign-in/social`, {
    provider,
    callbackURL,
    errorCallbackURL,
  });
  if (url) location.assign(url);
}

export const hasPasskeys = (): boolean =>
  "PublicKeyCredential" in globalThis && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** False where the person sent the browser's question away. */
export async function signInWithPasskey(): Promise<boolean> {
  const options = await api.get<PublicKeyCredentialRequestOptionsJSON>(`${AUTH}/passkey/generate-authenticate-options`);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey }).catch(() => null);
  if (!(credential instanceof PublicKeyCredential)) return false;
  await api.post(`${AUTH}/passkey/verify-authentication`, { response: credential.toJSON() });
  return true;
}

export const signOut = (): Promise<void> => api.post(`${AUTH}/sign-out`, {});

export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly first_name: string;
  readonly last_name: string;
}

export const signUp = (account: NewAccount, inviteHash: string): Promise<void> =>
  api.post(apiPath`/auth/users/`, {
    ...account,
    invite_hash: inviteHash,
    sign_up_type: inviteHash === "" ? "NO_INVITE" : "INVITE_LINK",
  });
