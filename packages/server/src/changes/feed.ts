/** What one node's commits tell the other nodes. A message that is lost is healed by whoever compares revisions. */
import type { Transaction } from "kysely";
import type { ChangeFeed } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";
import type { EnvironmentChange } from "./commit.ts";
import type { Topic } from "./identity-news.ts";

/** As they travel: short, because a message holds less than 8,000 bytes. */
type Told = readonly [environmentId: number, revision: number, updatedAt: number];

interface Message {
  readonly from: string;
  readonly changes: readonly Told[];
  /** Whom alone they concern. */
  readonly identities?: readonly Topic[];
}

const maxChangesPerMessage = 100;
/** Beyond, a message would be too long, and everybody is told. */
const maxIdentities = 200;

export interface NodeFeed {
  /** Inside the writing transaction: heard when it commits, and only then. */
  tell(trx: Transaction<Tables>, moved: readonly EnvironmentChange[]): Promise<void>;
  /** Hears the other nodes; this node's own commits are published by itself, earlier. */
  hear(publish: (changes: readonly EnvironmentChange[]) => void): void;
}

export function createNodeFeed(feed: ChangeFeed | undefined): NodeFeed {
  const node = crypto.randomUUID();
  return {
    tell: async (trx, moved) => {
      if (!feed) return;
      for (let start = 0; start < moved.length; start += maxChangesPerMessage) {
        const part = moved.slice(start, start + maxChangesPerMessage);
        const changes = part.map((change): Told => [change.environmentId, change.revision, change.updatedAt]);
        await feed.notify(trx, JSON.stringify({ from: node, changes, ...personal(part) } satisfies Message));
      }
    },
    hear: (publish) => {
      void feed?.listen((payload) => {
        const message = read(payload);
        if (message && message.from !== node) publish(message.changes.map((told) => toChange(told, message)));
      });
    },
  };
}

/** One commit's changes are all about the same identities, or about everybody. */
function personal([first]: readonly EnvironmentChange[]): Pick<Message, "identities"> {
  const identities = first?.identities;
  return identities && identities.length <= maxIdentities ? { identities } : {};
}

function toChange([environmentId, revision, updatedAt]: Told, { identities }: Message): EnvironmentChange {
  return { environmentId, revision, updatedAt, ...(identities ? { identities } : {}) };
}

/** undefined for what no version of us has written: anyone with a login can notify. */
function read(payload: string): Message | undefined {
  try {
    const { from, changes, identities } = JSON.parse(payload) as Partial<Message>;
    const isOurs = typeof from === "string" && Array.isArray(changes) && changes.every(isTold);
    if (!isOurs) return undefined;
    const areTopics = Array.isArray(identities) && identities.every((topic) => typeof topic === "string");
    return { from, changes, ...(areTopics ? { identities } : {}) };
  } catch {
    return undefined;
  }
}

function isTold(item: unknown): item is Told {
  return Array.isArray(item) && item.length === 3 && item.every(Number.isSafeInteger);
}
