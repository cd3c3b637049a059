/** What people are written: each letter holds one link. Without a mail server the operator hears of it and hands the link over. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";
import { createMailer } from "./mailer.ts";
import { createLink, type LinkPurpose, minutesOf } from "./one-time-links.ts";
import type { AccountSettings } from "./settings.ts";

export interface LettersDeps {
  readonly db: Kysely<Tables>;
  readonly settings: AccountSettings;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (level: "warn" | "error", message: string) => void;
}

interface Addressee {
  readonly id: number;
  readonly email: string;
}

/** All of them return at once: how long a letter takes must not tell whether somebody has an account. */
export interface Letters {
  resetPassword(person: Addressee): void;
  /** To show that the address is theirs. */
  activate(person: Addressee): void;
  /** To choose another address. */
  resetEmail(person: Addressee): void;
  /** Whoever invited somebody has the link as well, so that without a mail server nobody needs to hear of it. */
  invite(invitation: { readonly email: string; readonly hash: string; readonly organisation: string }): void;
  /** Resolves when everything is on its way or has failed. */
  settled(): Promise<void>;
}

const forHowLong = (minutes: number): string => (minutes < 120 ? `${minutes} minutes` : `${minutes / 1440} days`);

const notAsked = "If you did not ask for this, leave it: nothing changes.";

/** What a link is for, to whoever gets it. */
const LETTERS = {
  "reset-password": { path: "password-reset/confirm", subject: "Set a new password", what: "Set a new password" },
  activate: { path: "activate", subject: "Confirm your address", what: "Confirm that this address is yours" },
  "reset-email": { path: "email/reset/confirm", subject: "Change your address", what: "Choose another address" },
} as const satisfies Record<LinkPurpose, unknown>;

export function createLetters({ db, settings, now, log }: LettersDeps): Letters {
  const mailer = settings.mail && createMailer(settings.mail, (message) => log("error", message));
  const running = new Set<Promise<void>>();

  const later = (write: () => Promise<void>): void => {
    const work = write()
      .catch((error: unknown) =>
        log("error", `a letter was not written: ${error instanceof Error ? error.message : error}`),
      )
      .finally(() => running.delete(work));
    running.add(work);
  };

  const linkFor = async (purpose: LinkPurpose, id: number): Promise<string> =>
    `${settings.publicUrl()}/${LETTERS[purpose].path}/${await createLink(db, purpose, id, now())}`;

  const write = (purpose: LinkPurpose, { id, email }: Addressee, withoutMail: (link: string) => string): void =>
    later(async () => {
      const { subject, what } = LETTERS[purpose];
      const link = await linkFor(purpose, id);
      if (!mailer) return log("warn", withoutMail(link));
      const until = forHowLong(minutesOf(purpose));
      mailer.send({
        to: email,
        subject,
        text: `${what} for Burgee, once, within ${until}:\n\n${link}\n\n${notAsked}\n`,
      });
    });

  return {
    resetPassword: (person) => {
      if (mailer) return write("reset-password", person, () => "");
      const { email } = person;
      log("warn", `${email} forgot the password; for a link, run: burgee reset-password --email ${email}`);
    },
    activate: (person) =>
      write(
        "activate",
        person,
        (link) => `whoever opens this link is known to have the mailbox ${person.email}: ${link}`,
      ),
    resetEmail: (person) =>
      write(
        "reset-email",
        person,
        (link) => `whoever opens this link chooses another address for ${person.email}: ${link}`,
      ),
    invite: ({ email, hash, organisation }) => {
      const text = `You are invited to ${organisation} on Burgee:\n\n${settings.publicUrl()}/invite/${hash}\n`;
      // A name goes into a header: one line, and not without end.
      const name = organisation.replace(/\s+/g, " ").slice(0, 100);
      mailer?.send({ to: email, subject: `Invitation to ${name}`, text });
    },
    settled: async () => {
      await Promise.all(running);
      await mailer?.settled();
    },
  };
}
