/** Where changes have to be requested and approved, no door may write what a flag serves there and then. */
import type { EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";

/** 0 approvals are a workflow, too; only null is none. */
export function refuseDirectWrite({ environment }: Pick<EnvironmentScope, "environment">): void {
  if (environment.minimum_change_request_approvals === null) return;
  const detail = "Cannot update flags in an environment with change requests enabled.";
  throw new AppError("conflict", { body: { detail, code: "change_requests_enabled" } });
}
