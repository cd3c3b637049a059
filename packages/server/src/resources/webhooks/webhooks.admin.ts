/** Where changes of an environment or an organisation are told to. */
import type { AdminApi } from "../../http/admin-door.ts";
import { mountEnvironmentWebhooks } from "./environment-webhooks.admin.ts";
import { type IdentityWebhookDeps, mountIdentityWebhooks } from "./identity-webhooks.admin.ts";
import { mountOrganisationWebhooks } from "./organisation-webhooks.admin.ts";
import type { WebhookDeps } from "./webhook-changes.ts";
import { mountWebhookTest } from "./webhook-test.admin.ts";

export function mountWebhooks(api: AdminApi, deps: WebhookDeps & IdentityWebhookDeps): void {
  mountEnvironmentWebhooks(api, deps);
  mountOrganisationWebhooks(api, deps);
  mountIdentityWebhooks(api, deps);
  mountWebhookTest(api, deps);
}
