/** Variants of a feature: what one may hold, what all may add up to, and the share each state gives to a new one. */
import {
  type FlagValue,
  maxPercentageSum,
  type NestedOptionInput,
  readTypedValue,
  reservedOptionKey,
} from "@burgee/contract/admin";
import type { Kysely } from "kysely";
import { differing, isEmpty } from "../../db/differing.ts";
import type { Tables } from "../../db/tables.ts";
import { type KeptOption, takeOption } from "./kept-options.ts";
import {
  insertOption,
  insertShares,
  listOptions,
  type OptionColumns,
  type OptionRow,
  statesWithSums,
  updateOption,
} from "./options.store.ts";

type Database = Kysely<Tables>;
export type OptionValues = Required<OptionColumns>;

/** What the body says, over what was there. */
export function optionValues(input: NestedOptionInput, before?: OptionRow): OptionValues {
  const held = before ? (JSON.parse(before.value) as FlagValue) : null;
  return {
    value: JSON.stringify(readTypedValue(input, held)),
    key: input.key === undefined ? (before?.key ?? null) : input.key,
    default_percentage_allocation: input.default_percentage_allocation ?? before?.default_percentage_allocation ?? 100,
  };
}

export type OptionFault = { readonly field: string; readonly message: string };

/** What is wrong with the variants of one feature, taken together. */
export function optionFault(all: readonly OptionValues[]): OptionFault | undefined {
  const sum = all.reduce((total, option) => total + option.default_percentage_allocation, 0);
  if (sum > maxPercentageSum)
    return { field: "default_percentage_allocation", message: "Invalid percentage allocation" };
  const keys = all.flatMap((option) => option.key ?? []);
  if (keys.includes(reservedOptionKey)) return { field: "key", message: `"${reservedOptionKey}" is a reserved key.` };
  if (new Set(keys).size < keys.length) {
    return { field: "non_field_errors", message: "The fields feature, key must make a unique set." };
  }
  return undefined;
}

/**
 * Every state gets a row for the new variant. Environment defaults give it its default share where there is room for it;
 * overrides give it nothing, since nobody in them shall change value by it.
 */
export async function addVariant(trx: Database, featureId: number, values: OptionValues): Promise<OptionRow> {
  const option = await insertOption(trx, featureId, values);
  const share = values.default_percentage_allocation;
  const rows = (await statesWithSums(trx, featureId)).map((state) => ({
    feature_state_id: state.id,
    multivariate_option_id: option.id,
    percentage_allocation: state.isDefault && state.sum + share <= maxPercentageSum ? share : 0,
  }));
  await insertShares(trx, rows);
  return option;
}

export async function changeVariant(trx: Database, before: OptionRow, values: OptionValues): Promise<OptionRow> {
  const columns = differing<OptionColumns>(before, values);
  return isEmpty(columns) ? before : updateOption(trx, before.id, columns);
}

/** Makes the feature's variants those of the body: with an id changed, without one added, left out deleted. Answers the deleted ones. */
export async function replaceVariants(
  trx: Database,
  featureId: number,
  wanted: readonly NestedOptionInput[],
  refuse: (message: string) => Error,
): Promise<KeptOption[]> {
  const held = new Map((await listOptions(trx, featureId)).map((row) => [row.id, row]));
  const planned = wanted.map((input) => {
    const before = input.id === undefined ? undefined : held.get(input.id);
    if (input.id !== undefined && !before) throw refuse(`Invalid pk "${input.id}" - object does not exist.`);
    return { before, values: optionValues(input, before) };
  });
  const ids = planned.flatMap(({ before }) => before?.id ?? []);
  if (new Set(ids).size < ids.length) throw refuse("Each option may be named once.");
  const fault = optionFault(planned.map(({ values }) => values));
  if (fault) throw refuse(fault.message);
  const gone: KeptOption[] = [];
  for (const row of held.values()) if (!ids.includes(row.id)) gone.push(await takeOption(trx, row));
  // A key may move from one variant to another: it has to be free for a moment.
  for (const { before, values } of planned) {
    if (before && before.key !== values.key && before.key !== null) await updateOption(trx, before.id, { key: null });
  }
  for (const { before, values } of planned) {
    if (before) await changeVariant(trx, { ...before, key: before.key === values.key ? before.key : null }, values);
    else await addVariant(trx, featureId, values);
  }
  return gone;
}
