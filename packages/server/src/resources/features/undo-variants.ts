/** Takes changes of single variants back. */
import { type FlagValue, readTypedValue } from "@burgee/contract/admin";
import { z } from "zod";
import { lockProject } from "../../db/lock-rows.ts";
import {
  beyondRestoring,
  changedSince,
  type RecordedChange,
  type UndoCall,
  type Undoers,
  undoing,
} from "../../http/undo.ts";
import type { FeatureDeps } from "./feature-changes.ts";
import { findFeature } from "./features.store.ts";
import { keptOptionSchema, putBackOption, takeOption } from "./kept-options.ts";
import { type OptionDone, optionEntry, setType } from "./option-changes.ts";
import { listOptions, type OptionRow } from "./options.store.ts";
import { changeVariant, type OptionValues, optionFault } from "./variants.ts";

/** As presentNestedOption shows one, in entries of variants and of features. */
export const recordedOptionSchema = z.object({
  id: z.int(),
  type: z.string(),
  string_value: z.string().nullable(),
  integer_value: z.int().nullable(),
  boolean_value: z.boolean().nullable(),
  default_percentage_allocation: z.number(),
  key: z.string().nullable(),
});
type RecordedOption = z.output<typeof recordedOptionSchema>;

/** As optionEntry wrote it. */
const recordedSchema = recordedOptionSchema.extend({
  feature: z.int(),
  /** Only of those that were deleted. */
  kept: keptOptionSchema.optional(),
});

type Trx = Parameters<typeof putBackOption>[0];

export const valuesOf = (recorded: RecordedOption): OptionValues => ({
  value: JSON.stringify(readTypedValue(recorded as Parameters<typeof readTypedValue>[0]) satisfies FlagValue),
  key: recorded.key,
  default_percentage_allocation: recorded.default_percentage_allocation,
});

const isOptionAs = (row: OptionRow, recorded: RecordedOption): boolean => {
  const { value, key, default_percentage_allocation } = valuesOf(recorded);
  return row.value === value && row.key === key && row.default_percentage_allocation === default_percentage_allocation;
};

/** Variants of one feature that cannot be together. */
export function assertTogether(all: readonly OptionValues[]): void {
  const fault = optionFault(all);
  if (fault) throw beyondRestoring(fault.message);
}

function readOptions({ before, after }: RecordedChange) {
  const [held, made] = [before, after].map((value) => recordedSchema.safeParse(value).data);
  const about = made ?? held;
  return about && { before: held, after: made, about };
}

type Options = NonNullable<ReturnType<typeof readOptions>>;

async function restore(trx: Trx, { before, after, about }: Options): Promise<OptionDone> {
  const options = await listOptions(trx, about.feature);
  const row = options.find((option) => option.id === about.id);
  const others = options.filter((option) => option.id !== about.id);
  if (after && !(row && isOptionAs(row, after))) throw changedSince();
  if (!after && row) throw changedSince();
  if (row && before) {
    assertTogether([...others, valuesOf(before)]);
    return [row, await changeVariant(trx, row, valuesOf(before))];
  }
  if (row) return [row, null, await takeOption(trx, row)];
  if (!before?.kept) throw beyondRestoring("the entry does not say enough.");
  assertTogether([...others, before.kept.option]);
  return [null, await putBackOption(trx, before.kept)];
}

async function undo({ db, changes }: FeatureDeps, change: RecordedChange, { access, audited }: UndoCall) {
  const options = readOptions(change);
  if (!options) throw beyondRestoring("the entry does not say enough.");
  const scope = await access.project(change.projectId ?? 0, "ADMIN");
  await changes.commit(audited, async (trx) => {
    const project = await lockProject(db, trx, scope.project.id);
    const feature = project && (await findFeature(trx, project.id, options.about.feature));
    if (!feature) throw beyondRestoring("the feature is gone.");
    const done = await restore(trx, options);
    await setType(trx, feature);
    const entry = undoing(change, optionEntry(project, feature, done));
    return { result: undefined, entries: [entry], projects: [project.id] };
  });
}

export function addVariantUndoer(undoers: Undoers, deps: FeatureDeps): void {
  undoers.add("multivariate_option", {
    isFor: (change) => {
      const options = readOptions(change);
      return options !== undefined && (options.after !== undefined || options.before?.kept?.lost === false);
    },
    undo: (change, call) => undo(deps, change, call),
  });
}
