/** One route in the authorisation matrix: a call that succeeds for whoever may make it. */
import type { Grant } from "../test-admin.ts";
import type { TestPerson } from "../test-person.ts";
import type { Place, World } from "./world.ts";

export interface Call {
  /** Of the path. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Where permissions are granted; `world.here` unless given. */
  readonly at?: Place;
  /** What a single permission needs beside it, so that what the path names can be seen at all. */
  readonly alongside?: readonly Grant[];
  /** What differs for holders of one permission, where each of several is for something of its own. */
  readonly holding?: Readonly<Record<string, Pick<Call, "params" | "query" | "body">>>;
  /** Who makes the call where people make it about themselves. */
  readonly person?: TestPerson;
  /** What success answers. */
  readonly status: number;
  /** What a caller is told that may not see the place; 404 unless given. 400 where the place is named in a body or a query. */
  readonly unseen?: number;
  /** Where a caller's answer differs from what the rules say of it. */
  readonly expect?: Readonly<Partial<Record<CallerName, number>>>;
  /** The same call with somebody else's ids in it, as the organisation's administrator: refused, though it may do all here. */
  readonly foreign?: readonly Foreign[];
}

export interface Foreign {
  readonly what: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** 404 unless given. */
  readonly status?: number;
}

export type CallerName =
  | "organisation admin"
  | "organisation admin, a person"
  | "project admin"
  | "environment admin"
  /** Holds every permission there is but those that are enough. */
  | "everything else"
  /** May see the project and the environment. */
  | "viewer"
  /** Belongs to the organisation and holds nothing. */
  | "member"
  /** Administers the other environment of the project. */
  | "neighbour"
  /** Administers the other project of the organisation. */
  | "other project's admin"
  | "other organisation's admin"
  | "nobody"
  | "bad credentials";

/** Makes whatever the call needs, anew each time: some calls use it up. */
export type Case = (world: World) => Promise<Call> | Call;

/** By method and path, as in the table of who may. */
export type Cases = Readonly<Record<string, Case>>;
