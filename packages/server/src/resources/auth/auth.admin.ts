/** Signing in and one's own account: Flagsmith's paths, for people and programs that carry a token. */
import type { AdminApi } from "../../http/admin-door.ts";
import { mountEmail } from "./email.admin.ts";
import { mountLogin } from "./login.admin.ts";
import { type MeDeps, mountMe } from "./me.admin.ts";
import { mountPassword } from "./password.admin.ts";
import { mountSignUp } from "./sign-up.admin.ts";
import { mountTwoFactor } from "./two-factor.admin.ts";

export function mountAuth(api: AdminApi, deps: MeDeps): void {
  mountEmail(api, deps);
  mountLogin(api, deps);
  mountMe(api, deps);
  mountPassword(api, deps);
  mountSignUp(api, deps);
  mountTwoFactor(api, deps);
}
