import { noSuchRow } from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";

/** An environment that a body names by number: one that the caller may not see is as good as none. */
export async function environmentNamed(access: Access, id: number, need: string): Promise<EnvironmentScope> {
  await access.environment(id, "VIEW").catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    throw badRequest({ environment: [noSuchRow(id)] });
  });
  return access.environment(id, need);
}
