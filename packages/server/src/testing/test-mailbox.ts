/** A mail server of our own that takes everything and forgets nothing: just enough SMTP for one sender. */
import { createServer } from "node:net";

export interface TestMail {
  readonly to: readonly string[];
  /** Headers and text, as they were sent. */
  readonly source: string;
  /** Of the text. */
  readonly links: readonly string[];
}

export interface TestMailbox {
  readonly url: string;
  readonly mails: readonly TestMail[];
  stop(): Promise<void>;
}

/** Quoted-printable text, whole again. */
const plain = (source: string): string =>
  source
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

export async function startTestMailbox(): Promise<TestMailbox> {
  const mails: TestMail[] = [];
  const server = createServer((socket) => {
    const say = (line: string) => socket.write(`${line}\r\n`);
    let to: string[] = [];
    let data: string | undefined;
    let held = "";
    const take = (line: string): void => {
      if (data !== undefined) {
        if (line !== ".") data += `${line.replace(/^\.\./, ".")}\r\n`;
        else {
          const source = plain(data);
          mails.push({ to, source, links: source.match(/https?:\/\/\S+/g) ?? [] });
          [to, data] = [[], undefined];
          say("250 taken");
        }
      } else if (/^(EHLO|HELO)/i.test(line)) say("250 test");
      else if (/^RCPT TO:/i.test(line)) {
        to.push(/<(.*)>/.exec(line)?.[1] ?? "");
        say("250 yes");
      } else if (/^DATA/i.test(line)) {
        data = "";
        say("354 go on");
      } else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
      else say("250 yes");
    };
    socket.on("error", () => undefined);
    socket.on("data", (piece) => {
      const lines = (held + piece.toString()).split("\r\n");
      held = lines.pop() ?? "";
      for (const line of lines) take(line);
    });
    say("220 test");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  };
}
