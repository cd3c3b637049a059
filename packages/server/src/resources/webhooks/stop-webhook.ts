/** Stops a webhook that nobody answers: told in the audit log, on the webhook itself and in the server's log. */
import type { Changes } from "../../changes/commit.ts";
import { webhookEntry } from "./webhook-changes.ts";
import { findById, updateWebhook, type WebhookRow } from "./webhooks.store.ts";

export interface StopDeps {
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

const server = { actor: "webhooks", requestId: null };

/** Of several nodes that want to, one does. */
export async function stopWebhook(
  { changes, now, log }: StopDeps,
  { id }: Pick<WebhookRow, "id">,
  reason: string,
): Promise<boolean> {
  const stopped = await changes.commit(server, async (trx) => {
    const before = await findById(trx, id);
    if (before?.enabled !== 1) return { result: undefined, entries: [] };
    const at = now();
    const after = await updateWebhook(trx, id, {
      enabled: 0,
      disabled_at: at,
      disabled_reason: reason,
      updated_at: at,
    });
    return { result: after, entries: [await webhookEntry(trx, before, after, `Webhook disabled: ${reason}`)] };
  });
  // Its path may hold a secret.
  if (stopped) log(`webhook ${id} to ${new URL(stopped.url).host} is disabled: ${reason}`);
  return stopped !== undefined;
}
