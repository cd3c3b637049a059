/** `burgee setup`: the first account without a browser, for scripts. One line of JSON on standard output, or one on standard error. */
import { drf } from "@burgee/contract";
import { setupInput } from "@burgee/contract/admin";
import { hasAccounts, insertFirstAccount } from "../accounts/first-account.ts";
import { passwordFaults } from "../accounts/password-rules.ts";
import { hashPassword } from "../accounts/passwords.ts";
import { emailKey } from "../accounts/people.ts";
import { createOrganisationKey } from "../accounts/tokens.ts";
import { createChanges } from "../changes/commit.ts";
import type { Db } from "../db/database.ts";
import { isAppError } from "../errors.ts";

export interface SetupRequest {
  readonly email: string;
  readonly organisation: string;
}

async function readStandardInput(): Promise<string> {
  let text = "";
  for await (const piece of process.stdin.setEncoding("utf8")) {
    text += piece;
    if (text.length > 10_000) break;
  }
  return text.replace(/\r?\n$/, "");
}

const refuse = (line: string): number => {
  process.stderr.write(`${line}\n`);
  return 1;
};

/** What is wrong with them, as one line; undefined = nothing. */
function faultOf(request: SetupRequest, password: string): string | undefined {
  const { email, organisation } = request;
  const parsed = drf.parse(setupInput, { email, password, organisation_name: organisation });
  if (!parsed.ok) {
    const [[field, messages] = ["", ""]] = Object.entries(parsed.body);
    return `${field.replace("_name", "")}: ${[messages].flat().join(" ")}`;
  }
  const faults = passwordFaults(password, { email });
  return faults.length > 0 ? faults.join(" ") : undefined;
}

const EXISTS = "An account exists already; ask its owner for an invitation.";

/** Returns the exit code. */
export async function runSetup(db: Db, request: SetupRequest): Promise<number> {
  if (await hasAccounts(db.kysely)) return refuse(EXISTS);
  const password = await readStandardInput();
  const fault = faultOf(request, password);
  if (fault !== undefined) return refuse(fault);
  const passwordHash = await hashPassword(password);
  const email = emailKey(request.email);
  const organisation = request.organisation.trim();
  const changes = createChanges({ db, clock: Date.now, publish: () => {} });
  try {
    const made = await changes.commit({ actor: "cli", requestId: null }, async (trx) => {
      const now = Date.now();
      const account = { email, firstName: "", lastName: "", passwordHash, organisation, now };
      const { userId, organisationId, entries } = await insertFirstAccount(trx, account);
      const name = "Made by burgee setup";
      const key = await createOrganisationKey(trx, {
        ...{ organisationId, name, isAdmin: true, createdBy: userId, expiresAt: null, now },
      });
      return { result: { organisation_id: organisationId, api_key: key.key }, entries: [...entries, key.entry] };
    });
    process.stdout.write(`${JSON.stringify(made)}\n`);
    return 0;
  } catch (error) {
    if (isAppError(error, "conflict")) return refuse(EXISTS);
    throw error;
  }
}
