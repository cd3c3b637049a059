/**
 * One POST to an address that a stranger chose: the address is checked where the connection is made, so a name cannot lead
 * elsewhere in between; no redirects; bounded in time and in what is read of the answer.
 */
import { lookup } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { isPrivateAddress, isPrivateHost } from "./private-address.ts";

export interface GuardedPost {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

export interface PostAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
}

const READ_LIMIT = 1000;

/** Its message is for the person who entered the address. */
export class PostError extends Error {}

const privateError = () => new PostError("The address leads to this machine or its own network.");

/** Hands on only addresses that may be called. */
const guardedLookup: LookupFunction = (hostname, _options, done) => {
  lookup(hostname, { all: true }, (error, found) => {
    if (error) return done(error, []);
    if (found.length === 0 || found.some(({ address }) => isPrivateAddress(address))) return done(privateError(), []);
    return done(null, found);
  });
};

/** Rejects with PostError where nothing was answered. */
export function postGuarded({ url, body, headers, timeoutMs, allowPrivate }: GuardedPost): Promise<PostAnswer> {
  const target = new URL(url);
  if (!allowPrivate && isPrivateHost(target.hostname)) return Promise.reject(privateError());
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      target,
      {
        method: "POST",
        headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
        agent: false,
        ...(allowPrivate ? {} : { lookup: guardedLookup }),
      },
      (response) => {
        let text = "";
        const finish = () => {
          clearTimeout(deadline);
          resolve({ status: response.statusCode ?? 0, body: text.slice(0, READ_LIMIT) });
          request.destroy();
        };
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length >= READ_LIMIT) finish();
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
