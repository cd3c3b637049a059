/** From a URL to a database that is migrated and answers. */

import { StartError } from "../errors.ts";
import { spawnWorker } from "../runtime/worker.ts";
import type { Db } from "./database.ts";
import type { OpenOptions } from "./open-options.ts";

export type { OpenOptions } from "./open-options.ts";

const defaults: Required<OpenOptions> = {
  transactionLimitMs: 30_000,
  waitLimitMs: 15_000,
  log: () => {},
  spawnWorker,
  prepare: true,
  poolSize: 10,
  listenUrl: "",
};

/** Rejects with an Error of one line that says what is wrong with the URL or why the database cannot be opened. */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Db> {
  const open = parseDatabaseUrl(url);
  return open({ ...defaults, ...options });
}

/** A start loads the one that it needs. */
const openSqlite = async (file: string, options: Required<OpenOptions>): Promise<Db> =>
  (await import("./sqlite/open.ts")).openSqliteDatabase(file, options);
const openPostgres = async (url: string, options: Required<OpenOptions>): Promise<Db> =>
  (await import("./postgres/open.ts")).openPostgresDatabase(url, options);

type Open = (options: Required<OpenOptions>) => Promise<Db>;

function parseDatabaseUrl(url: string): Open {
  const [, scheme, rest = ""] = /^([a-z]+):(.*)$/is.exec(url) ?? [];
  if (scheme === "sqlite") {
    const file = rest.replace(/^\/\/(?=\/)/, "");
    if (file === "" || file.startsWith(":memory:")) {
      throw new StartError(
        "The database URL must name a file: a database in memory would be lost. Example: sqlite:./data/burgee.db",
      );
    }
    return (options) => explain(openSqlite(file, options), file);
  }
  if (scheme === "postgres" || scheme === "postgresql") {
    return (options) => explain(openPostgres(url, options), nameServer(url));
  }
  throw new StartError(
    `The database URL must start with "sqlite:" or "postgres://" (example: sqlite:./data/burgee.db), not "${scheme ?? url}".`,
  );
}

/** Without the password. */
function nameServer(url: string): string {
  if (!URL.canParse(url))
    throw new StartError("The database URL is not a URL. Example: postgres://user:password@host/database");
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

async function explain(opening: Promise<Db>, name: string): Promise<Db> {
  try {
    return await opening;
  } catch (error) {
    throw new StartError(`Cannot open the database ${name}: ${innermostMessage(error)}`, { cause: error });
  }
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
}
