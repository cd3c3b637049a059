/**
 * Who hears that an identity changed: a trait, an override, its end. Inside a process that is a look into a map. Nodes tell one
 * another which identities their clients listen to, so that a write costs nothing where nobody does, and one short message,
 * shared with the others of its moment, where a client of another node does.
 */
import { createHash } from "node:crypto";
import type { ChangeFeed, Db } from "../db/database.ts";
import { createPeers } from "./peers.ts";
import { identitySubject } from "./subjects.ts";

/** Names an identity where its identifier has no business: in messages between nodes and in addresses of streams. */
export type Topic = string;

const topicOf = (subject: string): Topic => createHash("sha256").update(subject).digest("base64url").slice(0, 16);

export const identityTopic = (environmentId: number, identifier: string): Topic =>
  topicOf(identitySubject(environmentId, identifier));

export const isTopic = (text: string): boolean => /^[\w-]{16}$/.test(text);

/** Of an audit entry's subject. */
export const subjectTopic = topicOf;

export interface Watch {
  /** Resolves once every node knows: what is written from then on is heard. */
  readonly ready: Promise<void>;
  stop(): void;
}

export interface IdentityNews {
  /** Something that could change this identity's flags is committed. */
  changed(environmentId: number, identifier: string): void;
  changedTopic(topic: Topic): void;
  /** Any identity of the environment may have changed: what writes very many at once says this. */
  changedAll(environmentId: number): void;
  watch(topic: Topic, hear: () => void): Watch;
  /** Hears of `changedAll`; null: messages of other nodes may be lost, so of any environment. */
  onAll(hear: (environmentId: number | null) => void): void;
  /** Identities that clients of this node and of other nodes listen to. */
  counts(): { readonly own: number; readonly elsewhere: number };
  /** Tells the others what is still to be told. */
  close(): Promise<void>;
}

export interface IdentityNewsDeps {
  readonly db: Pick<Db, "changeFeed" | "kysely">;
  readonly onError: (error: unknown) => void;
  /** Between signs of life. */
  readonly beatMs?: number;
}

interface Message {
  readonly from: string;
  /** These have listeners at the sender. */
  readonly watched?: readonly Topic[];
  /** Counts the sender's messages of that kind. */
  readonly number?: number;
  readonly changed?: readonly Topic[];
  readonly changedAll?: readonly number[];
  /** A node that has just begun to listen wants to know who watches what. */
  readonly asks?: true;
  /** It had heard nothing for a while, and may not have told of what it wrote. */
  readonly wasDeaf?: true;
  /** It stops, and has told of everything. */
  readonly leaves?: true;
}

/** A message holds less than 8,000 bytes. */
const topicsPerMessage = 380;
const gatherMs = 5;
const repeatMs = 30_000;
const believedMs = 90_000;
const echoLimitMs = 500;
/** Our own message is back when the database has sent it to everybody; how long they take to read it is not known. */
const othersReadMs = 100;
const leaveLimitMs = 1_000;
const maxElsewhere = 1_000_000;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** undefined for what no version of us has written. */
function readMessage(payload: string): Message | undefined {
  try {
    const message = JSON.parse(payload) as Message | null;
    return typeof message?.from === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

const topicsIn = (list: unknown): Topic[] =>
  isList(list) ? list.filter((item): item is Topic => typeof item === "string" && isTopic(item)) : [];

export function createIdentityNews({ db, onError, beatMs }: IdentityNewsDeps): IdentityNews {
  const own = new Map<Topic, Set<() => void>>();
  const onAll = new Set<(environmentId: number | null) => void>();
  const feed = db.changeFeed;
  const send = async (payload: string): Promise<boolean> => {
    try {
      await feed?.notify(db.kysely, payload);
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  };
  const nodes = feed && createNodeTalk({ feed, send, own, hear, hearAll, beatMs });

  function hear(topic: Topic): void {
    for (const listener of own.get(topic) ?? []) listener();
  }
  function hearAll(environmentId: number | null): void {
    for (const listener of onAll) listener(environmentId);
  }

  const changedTopic = (topic: Topic): void => {
    hear(topic);
    nodes?.changed(topic);
  };
  const isQuiet = (): boolean => own.size === 0 && (nodes?.elsewhere() ?? 0) === 0;

  return {
    changed: (environmentId, identifier) => {
      if (!isQuiet()) changedTopic(identityTopic(environmentId, identifier));
    },
    changedTopic,
    changedAll: (environmentId) => {
      hearAll(environmentId);
      nodes?.changedAll(environmentId);
    },
    watch: (topic, listener) => {
      const known = own.get(topic);
      const listeners = known ?? new Set();
      if (!known) own.set(topic, listeners);
      listeners.add(listener);
      const stop = () => {
        if (listeners.delete(listener) && listeners.size === 0 && own.get(topic) === listeners) own.delete(topic);
      };
      return { ready: known ? Promise.resolve() : (nodes?.announce(topic) ?? Promise.resolve()), stop };
    },
    onAll: (listener) => void onAll.add(listener),
    counts: () => ({ own: own.size, elsewhere: nodes?.elsewhere() ?? 0 }),
    close: async () => nodes?.close(),
  };
}

interface NodeTalkDeps {
  readonly feed: ChangeFeed;
  /** Never rejects; false: nobody heard it. */
  readonly send: (payload: string) => Promise<boolean>;
  readonly own: ReadonlyMap<Topic, unknown>;
  readonly hear: (topic: Topic) => void;
  readonly hearAll: (environmentId: number | null) => void;
  readonly beatMs: number | undefined;
}

/** The half that speaks to other nodes. */
function createNodeTalk({ feed, send, own, hear, hearAll, beatMs }: NodeTalkDeps) {
  const from = crypto.randomUUID();
  /** What others watch, and until when that is believed: whoever stops says nothing. */
  const elsewhere = new Map<Topic, number>();
  const outbox = { watched: new Set<Topic>(), changed: new Set<Topic>(), changedAll: new Set<number>() };
  const echoes = new Map<number, () => void>();
  let announced: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let number = 0;
  let isClosed = false;
  /** Something that others should have heard was not sent. */
  let isOwing = false;

  const say = async (message: Omit<Message, "from">): Promise<void> => {
    if (isClosed || (await send(JSON.stringify({ from, ...message })))) return;
    isOwing ||= Boolean(message.changed ?? message.changedAll ?? message.wasDeaf);
  };
  const beat = (): void => {
    void say(isOwing ? { wasDeaf: true } : {});
    isOwing = false;
  };
  const peers = createPeers(from, {
    isNeeded: () => own.size > 0 || elsewhere.size > 0 || isOwing,
    beat,
    onLoss: () => hearAll(null),
    ...(beatMs === undefined ? {} : { beatMs }),
  });

  /** Resolves when our own message has come back, by when the others have it too; or after a while, for lack of better. */
  const echoOf = (sent: number): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(late);
        echoes.delete(sent);
        setTimeout(resolve, othersReadMs);
      };
      const late = setTimeout(done, echoLimitMs);
      echoes.set(sent, done);
    });

  const announceAll = async (topics: readonly Topic[]): Promise<void> => {
    let echo = Promise.resolve();
    for (let start = 0; start < topics.length; start += topicsPerMessage) {
      number += 1;
      echo = echoOf(number);
      await say({ watched: topics.slice(start, start + topicsPerMessage), number });
    }
    await echo;
  };

  const flush = async (): Promise<void> => {
    timer = undefined;
    const changed = [...outbox.changed];
    const changedAll = [...outbox.changedAll];
    outbox.changed.clear();
    outbox.changedAll.clear();
    for (let start = 0; start < changed.length; start += topicsPerMessage) {
      await say({ changed: changed.slice(start, start + topicsPerMessage) });
    }
    for (let start = 0; start < changedAll.length; start += topicsPerMessage) {
      await say({ changedAll: changedAll.slice(start, start + topicsPerMessage) });
    }
  };
  const flushSoon = (): void => {
    timer ??= setTimeout(() => void flush(), gatherMs);
  };

  const read = (payload: string): void => {
    const message = readMessage(payload);
    if (!message) return;
    if (message.leaves) peers.left(message.from);
    else peers.heard(message.from);
    if (message.from === from) return void echoes.get(message.number ?? 0)?.();
    const until = Date.now() + believedMs;
    for (const topic of topicsIn(message.watched)) if (elsewhere.size < maxElsewhere) elsewhere.set(topic, until);
    for (const topic of topicsIn(message.changed)) hear(topic);
    for (const id of isList(message.changedAll) ? message.changedAll : [])
      if (Number.isSafeInteger(id)) hearAll(Number(id));
    if (message.asks === true) void announceAll([...own.keys()]);
    if (message.wasDeaf === true) hearAll(null);
  };

  const begin = (message: Omit<Message, "from">): void => {
    void say(message);
    void announceAll([...own.keys()]);
  };
  const onReturn = (): void => {
    begin({ asks: true, wasDeaf: true });
    hearAll(null);
  };
  void feed.listen(read, onReturn).then(() => begin({ asks: true }));

  const repeat = setInterval(() => {
    for (const [topic, until] of elsewhere) if (until < Date.now()) elsewhere.delete(topic);
    void announceAll([...own.keys()]);
  }, repeatMs);
  repeat.unref?.();

  return {
    elsewhere: () => elsewhere.size,
    changed: (topic: Topic) => {
      if (!elsewhere.has(topic)) return;
      outbox.changed.add(topic);
      flushSoon();
    },
    changedAll: (environmentId: number) => {
      outbox.changedAll.add(environmentId);
      flushSoon();
    },
    announce: (topic: Topic): Promise<void> => {
      outbox.watched.add(topic);
      announced ??= new Promise<void>((resolve) => setTimeout(resolve, gatherMs)).then(() => {
        announced = undefined;
        const topics = [...outbox.watched];
        outbox.watched.clear();
        return announceAll(topics);
      });
      return announced;
    },
    close: async () => {
      peers.close();
      clearInterval(repeat);
      clearTimeout(timer);
      for (const done of echoes.values()) done();
      const leave = flush().then(() => say({ leaves: true }));
      await Promise.race([leave, new Promise((resolve) => setTimeout(resolve, leaveLimitMs))]);
      isClosed = true;
    },
  };
}
