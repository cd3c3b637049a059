/**
 * Stops a webhook that nobody answers: told in the audit log, on the webhook itself, in the server's log, and by a letter to the
 * address that its organisation has given for that.
 */
import type { Mailer } from "../../accounts/mailer.ts";
import type { Changes } from "../../changes/commit.ts";
import { webhookEntry } from "./webhook-changes.ts";
import { findById, findNoticeEmail, updateWebhook, type WebhookRow } from "./webhooks.store.ts";

export interface StopDeps {
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
  /** Where letters can be sent. */
  readonly sendMail?: Mailer["send"] | undefined;
}

const server = { actor: "webhooks", requestId: null };

/** Of several nodes that want to, one does. */
export async function stopWebhook(
  { changes, now, log, sendMail }: StopDeps,
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
    const email = await findNoticeEmail(trx, after.organisation_id);
    return {
      result: { url: after.url, email },
      entries: [await webhookEntry(trx, before, after, `Webhook disabled: ${reason}`)],
    };
  });
  if (!stopped) return false;
  const { email } = stopped;
  // Its path may hold a secret.
  const { host } = new URL(stopped.url);
  log(`webhook ${id} to ${host} is disabled: ${reason}`);
  if (email) {
    sendMail?.({
      to: email,
      subject: `A webhook to ${host} was stopped`,
      text: `Burgee stopped webhook ${id} to ${host}: ${reason}\n\nNothing is sent to it until somebody enables it again.\n`,
    });
  }
  return true;
}
