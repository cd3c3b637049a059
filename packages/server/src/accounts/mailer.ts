/** Mail, by the operator's server. Sending goes on in the background: how long it takes must not tell whether somebody has an account. */
import type { MailSettings } from "./settings.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mailer {
  /** Returns at once; a failure is logged, without the text. */
  send(mail: Mail): void;
  /** Resolves when everything is on its way or has failed. */
  settled(): Promise<void>;
}

const TIMEOUT_MS = 20_000;

export function createMailer({ url, from }: MailSettings, log: (message: string) => void): Mailer {
  const running = new Set<Promise<void>>();

  // Loaded with the first mail: few processes send any.
  const deliver = async (mail: Mail): Promise<void> => {
    const { createTransport } = await import("nodemailer");
    const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    const transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
    await transport.sendMail({ from, ...mail });
  };

  return {
    send: (mail) => {
      const work = deliver(mail)
        .catch((error: unknown) =>
          log(`"${mail.subject}" did not leave for ${mail.to}: ${error instanceof Error ? error.message : error}`),
        )
        .finally(() => running.delete(work));
      running.add(work);
    },
    settled: async () => {
      await Promise.all(running);
    },
  };
}
