/** Who did it, as Flagsmith's events name them. */
import { type Database, findKeyName, findUser } from "./events.store.ts";

export interface Author {
  readonly user: Awaited<ReturnType<typeof findUser>>;
  /** A person's e-mail address, a key's name; "" for the server itself. */
  readonly name: string;
}

export async function authorOf(db: Database, actor: string): Promise<Author> {
  const [, kind, id] = /^(user|key):(\d{1,15})$/.exec(actor) ?? [];
  if (kind === "user") {
    const user = await findUser(db, Number(id));
    return { user, name: user?.email ?? "" };
  }
  return { user: undefined, name: kind === "key" ? ((await findKeyName(db, Number(id))) ?? "") : "" };
}
