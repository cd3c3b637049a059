/** One call to an address that somebody is about to enter, so that they see whether it answers. */
import { testWebhookFailureSchema, testWebhookInput, testWebhookSchema } from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import { isoTime } from "../../accounts/present-person.ts";
import { type AdminApi, answer, badRequest } from "../../http/admin-door.ts";
import { PostError, postGuarded } from "../../http/guarded-post.ts";
import { createRateLimiter } from "../../http/rate-limit.ts";
import { bodyText } from "./body-text.ts";
import { signedHeaders } from "./sign.ts";

export interface WebhookTestDeps {
  /** It may go to addresses of this machine and of private networks. */
  readonly privateWebhooks: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const TIMEOUT_MS = 10_000;

async function assertAdministers(access: Access, type: "organisation" | "environment", id: string): Promise<void> {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  if (type === "organisation") await access.organisation(number ?? 0, "ADMIN");
  else await access.environment(number ?? id, "ADMIN");
}

export function mountWebhookTest(api: AdminApi, { privateWebhooks, now }: WebhookTestDeps): void {
  const limiter = createRateLimiter({ max: 10, windowMs: 60_000 }, now);

  api.route(
    {
      method: "post",
      path: "/api/v1/webhooks/test/",
      summary: "Send one signed test event to an address",
      tag: "webhooks",
      body: testWebhookInput,
      responses: { 200: testWebhookSchema, 400: testWebhookFailureSchema },
    },
    async ({ access, caller, body }) => {
      await assertAdministers(access, body.scope.type, body.scope.id);
      limiter.take(caller.actor);
      const event = { data: { detail: "A test of this webhook.", timestamp: isoTime(now()) }, event_type: "TEST" };
      const text = bodyText(event);
      const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
      const headers = signedHeaders({ id, body: text, secret: body.secret ?? "", at: now() });
      try {
        const { status, body: said } = await postGuarded({
          ...{ url: body.webhook_url, body: text, headers, timeoutMs: TIMEOUT_MS, allowPrivate: privateWebhooks },
        });
        if (status >= 200 && status < 300) return { detail: `It answered with status ${status}.`, status };
        return answer(400, { detail: `It answered with status ${status}.`, status, body: said });
      } catch (error) {
        if (error instanceof PostError) throw badRequest({ detail: error.message, status: 0, body: null });
        throw error;
      }
    },
  );
}
