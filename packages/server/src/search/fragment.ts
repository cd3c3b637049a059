/** A piece of SQL with its parameters. */
import type { SqlValue } from "../db/database.ts";

export interface Fragment {
  /** `?` stands for a parameter. */
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export const fragment = (sql: string, ...parameters: readonly SqlValue[]): Fragment => ({ sql, parameters });

/** The texts of a template with fragments in between. */
export function compose(texts: TemplateStringsArray, ...fragments: readonly Fragment[]): Fragment {
  return {
    sql: texts.reduce((built, text, at) => `${built}${fragments[at - 1]?.sql ?? ""}${text}`),
    parameters: fragments.flatMap(({ parameters }) => parameters),
  };
}

export function join(fragments: readonly Fragment[], between: string): Fragment {
  return {
    sql: fragments.map(({ sql }) => sql).join(between),
    parameters: fragments.flatMap(({ parameters }) => parameters),
  };
}

export const always = fragment("true");
export const never = fragment("false");
