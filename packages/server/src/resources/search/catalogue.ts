/** One trait of the catalogue, put together. */
import type { StoredRule } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { Db } from "../../db/database.ts";
import { isoMicros } from "../../documents/load.ts";
import { listNotes, listSegmentRules, listTypes, listValues, type NoteRow, type TypeRow } from "./catalogue.store.ts";

/** Examples of a trait. */
const EXAMPLES = 5;
/** Longer values are kept in part only. */
const WHOLE = 256;

export const shownValue = (type: TypeRow["type"], value: string | number): string | number | boolean =>
  type === "boolean" ? value === 1 : value;

export const isWhole = ({ value }: { readonly value: string | number }): boolean =>
  typeof value !== "string" || [...value].length < WHOLE;

/** In the order of `keys`. */
export async function describeTraits(
  { kysely }: Db,
  { project, environment }: EnvironmentScope,
  keys: readonly string[],
) {
  const types = Map.groupBy(await listTypes(kysely, environment.id, keys), ({ key }) => key);
  const notes = new Map((await listNotes(kysely, environment.id, keys)).map((note) => [note.key, note]));
  const segments = await readSegments(kysely, project.id);
  return Promise.all(
    keys.map(async (key) => {
      const [known = [], note] = [types.get(key), notes.get(key)];
      return {
        ...present(key, known, note),
        examples: await examplesOf(kysely, environment.id, known, note),
        segments: segments.get(key) ?? [],
      };
    }),
  );
}

function present(key: string, known: readonly TypeRow[], note: NoteRow | undefined) {
  const times = known.map(({ first_seen_at, last_seen_at }) => [first_seen_at, last_seen_at] as const);
  const held = known.filter(({ count }) => count > 0);
  return {
    key,
    types: held.map(({ type, count }) => ({ type, count })),
    count: held.reduce((sum, { count }) => sum + count, 0),
    first_seen: times.length === 0 ? null : isoMicros(Math.min(...times.map(([first]) => first)), "Z"),
    last_seen: times.length === 0 ? null : isoMicros(Math.max(...times.map(([, last]) => last)), "Z"),
    description: note?.description ?? null,
    is_personal: note?.is_personal === 1,
  };
}

async function examplesOf(
  db: Db["kysely"],
  environmentId: number,
  known: readonly TypeRow[],
  note: NoteRow | undefined,
): Promise<(string | number | boolean)[]> {
  const examples: (string | number | boolean)[] = [];
  if (note?.is_personal === 1) return examples;
  for (const type of known.filter(({ count }) => count > 0)) {
    const rows = await listValues(db, environmentId, type, { prefix: "", limit: EXAMPLES, most: 1 });
    examples.push(...rows.filter(isWhole).map(({ value }) => shownValue(type.type, value)));
  }
  return examples.slice(0, EXAMPLES);
}

type Named = { readonly id: number; readonly name: string };

/** Key of a trait to the segments whose rules name it. */
async function readSegments(db: Db["kysely"], projectId: number): Promise<ReadonlyMap<string, Named[]>> {
  const using = new Map<string, Named[]>();
  for (const { id, name, rules } of await listSegmentRules(db, projectId)) {
    for (const key of new Set((JSON.parse(rules) as StoredRule[]).flatMap(propertiesOf))) {
      using.set(key, [...(using.get(key) ?? []), { id, name }]);
    }
  }
  return using;
}

const propertiesOf = (rule: StoredRule): string[] => [
  ...rule.conditions.flatMap(({ property_ }) => property_ ?? []),
  ...rule.rules.flatMap(propertiesOf),
];
