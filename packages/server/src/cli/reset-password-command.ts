/** `burgee reset-password`: the link that a mailer would send, for the operator to hand over. */
import { createResetPath, RESET_MINUTES } from "../accounts/password-reset.ts";
import { emailKey } from "../accounts/people.ts";
import type { Db } from "../db/database.ts";

/** Returns the exit code. */
export async function runResetPassword(db: Db, publicUrl: string, email: string): Promise<number> {
  const user = await db.kysely.selectFrom("users").select("id").where("email", "=", emailKey(email)).executeTakeFirst();
  if (!user) {
    process.stderr.write(`Nobody has an account with the address ${email}.\n`);
    return 1;
  }
  const path = await createResetPath(db.kysely, user.id, Date.now());
  process.stdout.write(`${publicUrl}${path}\n`);
  process.stderr.write(`It sets a new password, once, within ${RESET_MINUTES} minutes.\n`);
  return 0;
}
