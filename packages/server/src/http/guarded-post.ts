/**
 * One POST to an address that a stranger chose: the address is checked where the connection is made, so a name cannot lead
 * elsewhere in between; no redirects; bounded in time and in what is read of the answer.
 */
import { lookup } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { isPrivateAddress, isPrivateHost } from "./private-address.ts";

export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** Rejects where the name is nobody's. */
export type Resolve = (hostname: string) => Promise<readonly Resolved[]>;

export interface GuardedPost {
  readonly url: string;
  /** POST unless given. */
  readonly method?: "GET" | "POST";
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  /** Characters of the answer's body; 1000 unless given. */
  readonly readLimit?: number;
  readonly resolve?: Resolve;
}

export interface PostAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
  /** The first of them, shortened. */
  readonly headers: Readonly<Record<string, string>>;
}

const READ_LIMIT = 1000;
const HEADER_LIMIT = { count: 30, length: 300 };

/** Its message is for the person who entered the address. */
export class PostError extends Error {}

const privateError = () => new PostError("The address leads to this machine or its own network.");

const resolveByName: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });

/**
 * The connection is made to what was looked at, because looking it up once more is not left to anybody: a name that leads elsewhere a
 * moment later changes nothing.
 */
const guardedLookup =
  (resolve: Resolve, allowPrivate: boolean): LookupFunction =>
  (hostname, _options, done) => {
    resolve(hostname).then(
      (found) => {
        const isPrivate = !allowPrivate && found.some(({ address }) => isPrivateAddress(address));
        if (isPrivate) return done(privateError(), []);
        if (found.length === 0) return done(new PostError("The name leads nowhere."), []);
        return done(null, [...found]);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), []),
    );
  };

function headersOf(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).slice(0, HEADER_LIMIT.count);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).slice(0, HEADER_LIMIT.length)]));
}

/** Rejects with PostError where nothing was answered. */
export function postGuarded(post: GuardedPost): Promise<PostAnswer> {
  const { url, body, headers, timeoutMs, allowPrivate, readLimit = READ_LIMIT, resolve = resolveByName } = post;
  const target = new URL(url);
  if (!allowPrivate && isPrivateHost(target.hostname)) return Promise.reject(privateError());
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((answer, reject) => {
    const request = send(
      target,
      {
        method: post.method ?? "POST",
        headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
        agent: false,
        lookup: guardedLookup(resolve, allowPrivate),
      },
      (response) => {
        let text = "";
        const finish = () => {
          clearTimeout(deadline);
          const status = response.statusCode ?? 0;
          answer({ status, body: text.slice(0, readLimit), headers: headersOf(response) });
          request.destroy();
        };
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length >= readLimit) finish();
        });
        response.on("end", finish);
        response.on("error", finish);
      },
    );
    const fail = (error: Error) => {
      clearTimeout(deadline);
      reject(error instanceof PostError ? error : new PostError(error.message));
    };
    const deadline = setTimeout(() => {
      fail(new PostError(`No answer within ${timeoutMs / 1000} seconds.`));
      request.destroy();
    }, timeoutMs);
    request.on("error", fail);
    request.end(body);
  });
}
