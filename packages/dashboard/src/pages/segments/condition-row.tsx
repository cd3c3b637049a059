import { ActionIcon, Autocomplete, Group, NativeSelect, NumberInput, TagsInput, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import {
  kindOf,
  type OperatorName,
  operatorChoices,
  operatorName,
  readList,
  shownValue,
  type TraitType,
  type ValueKind,
  valueFor,
  withOperator,
  writeList,
} from "./operators.ts";
import { useRuleEditor, Warnings } from "./rule-context.tsx";
import classes from "./rule-editor.module.css";
import type { EditCondition } from "./rule-tree.ts";
import { traitValuesQuery } from "./segment-queries.ts";

export interface ConditionRowProps {
  readonly condition: EditCondition;
  readonly onChange: (patch: Partial<EditCondition>) => void;
  readonly onRemove: () => void;
}

/** What every identity has, beside its traits. */
const CONTEXT = ["$.identity.identifier", "$.identity.key", "$.environment.name"] as const;

export function ConditionRow({ condition, onChange, onRemove }: ConditionRowProps) {
  const { faults, isReadOnly } = useRuleEditor();
  const isSplit = condition.operator === "PERCENTAGE_SPLIT";
  const remove = !isReadOnly && (
    <ActionIcon variant="subtle" color="gray" size={36} aria-label="Remove condition" onClick={onRemove}>
      <IconX size={16} />
    </ActionIcon>
  );
  return (
    <div>
      {isSplit ? (
        <div className={classes["split"]}>
          <SplitFields condition={condition} onChange={onChange} />
          {remove}
        </div>
      ) : (
        <div className={classes["row"]}>
          <TraitFields condition={condition} onChange={onChange} />
          {remove}
        </div>
      )}
      <Warnings messages={faults.get(condition.id)} />
    </div>
  );
}

type FieldsProps = Omit<ConditionRowProps, "onRemove">;

function SplitFields({ condition, onChange }: FieldsProps) {
  const { traits, isReadOnly } = useRuleEditor();
  const keys = ["", "$.identity.identifier", ...traits.map(({ key }) => key)];
  const known = keys.includes(condition.property) ? keys : [...keys, condition.property];
  return (
    <>
      <NumberInput
        aria-label="Percentage"
        value={condition.value === "" ? "" : Number(condition.value)}
        onChange={(value) => onChange({ value: String(value) })}
        min={0}
        max={100}
        decimalScale={4}
        suffix=" %"
        w={110}
        disabled={isReadOnly}
      />
      <Text component="span">of them, by</Text>
      <NativeSelect
        aria-label="What the percentage is taken by"
        value={condition.property}
        onChange={(event) => onChange({ property: event.currentTarget.value })}
        data={known.map((key) => ({ value: key, label: key === "" ? "identity" : key }))}
        disabled={isReadOnly}
      />
    </>
  );
}

function TraitFields({ condition, onChange }: FieldsProps) {
  const { traits, isReadOnly } = useRuleEditor();
  const trait = traits.find(({ key }) => key === condition.property);
  const types: TraitType[] = trait ? trait.types.map(({ type }) => type) : [];
  const name = operatorName(condition);
  const choices = operatorChoices(types);
  const isListed = choices.some(({ items }) => items.some(({ value }) => value === name));
  return (
    <>
      <Autocomplete
        aria-label="Trait"
        placeholder="trait, such as plan"
        value={condition.property}
        onChange={(property) => onChange({ property })}
        data={[
          { group: "Traits", items: traits.map(({ key }) => key) },
          { group: "Context", items: [...CONTEXT] },
        ]}
        limit={50}
        disabled={isReadOnly}
      />
      <NativeSelect
        aria-label="Operator"
        value={name ?? ""}
        onChange={(event) => onChange(withOperator(condition, event.currentTarget.value as OperatorName))}
        disabled={isReadOnly}
      >
        {!isListed && <option value={name ?? ""}>{condition.operator}</option>}
        {choices.map(({ group, items }) => (
          <optgroup key={group} label={group}>
            {items.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </optgroup>
        ))}
      </NativeSelect>
      <ValueField condition={condition} onChange={onChange} isYesNo={types.length === 1 && types[0] === "boolean"} />
    </>
  );
}

const PLACEHOLDERS: Partial<Record<ValueKind, string>> = {
  number: "number",
  version: "1.2.3",
  pattern: "regular expression",
};

function ValueField({ condition, onChange, isYesNo }: FieldsProps & { isYesNo: boolean }) {
  const { isReadOnly } = useRuleEditor();
  const name = operatorName(condition);
  const kind = kindOf(name);
  const shown = shownValue(condition.value);
  const set = (text: string) => onChange({ value: name ? valueFor(name, text) : text });
  if (kind === "none") return <span />;
  if (kind === "modulo") return <ModuloFields condition={condition} onChange={onChange} />;
  if (isYesNo && kind === "text") {
    return (
      <NativeSelect
        aria-label="Value"
        value={shown.toLowerCase()}
        onChange={(event) => set(event.currentTarget.value)}
        data={[{ value: "", label: "choose" }, "true", "false"]}
        disabled={isReadOnly}
      />
    );
  }
  if (kind === "text" || kind === "list") return <CompletedValue condition={condition} onChange={onChange} />;
  const placeholder = PLACEHOLDERS[kind];
  return (
    <TextInput
      aria-label="Value"
      {...(placeholder && { placeholder })}
      value={shown}
      onChange={(event) => set(event.currentTarget.value)}
      disabled={isReadOnly}
      {...(kind === "number" && { inputMode: "decimal" as const })}
    />
  );
}

/** Values that identities have, the commonest first. */
function CompletedValue({ condition, onChange }: FieldsProps) {
  const { environmentKey, isReadOnly } = useRuleEditor();
  const isList = condition.operator === "IN";
  const shown = shownValue(condition.value);
  const [typed] = useDebouncedValue(isList ? "" : shown, 200);
  const { data } = useQuery(traitValuesQuery(environmentKey, condition.property, typed));
  const known = [...new Set((data?.results ?? []).map(({ value }) => String(value)))];
  if (isList) {
    return (
      <TagsInput
        aria-label="Values"
        placeholder="a value, then Enter"
        value={[...new Set(readList(condition.value))]}
        onChange={(items) => onChange({ value: writeList(items) })}
        data={known}
        disabled={isReadOnly}
        clearable
      />
    );
  }
  return (
    <Autocomplete
      aria-label="Value"
      placeholder="value"
      value={shown}
      onChange={(value) => onChange({ value })}
      data={known}
      disabled={isReadOnly}
    />
  );
}

function ModuloFields({ condition, onChange }: FieldsProps) {
  const { isReadOnly } = useRuleEditor();
  const [divisor = "", rest = ""] = condition.value.split("|");
  return (
    <Group gap={8} wrap="nowrap">
      <TextInput
        aria-label="Divisor"
        value={divisor}
        onChange={(event) => onChange({ value: `${event.currentTarget.value}|${rest}` })}
        disabled={isReadOnly}
      />
      <Text component="span">leaves</Text>
      <TextInput
        aria-label="Remainder"
        value={rest}
        onChange={(event) => onChange({ value: `${divisor}|${event.currentTarget.value}` })}
        disabled={isReadOnly}
      />
    </Group>
  );
}
