/** Rules as nested groups of conditions. Keys and values are completed from what the environment's identities have. */
import { Button, Group, Menu, NativeSelect, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Fragment } from "react";
import { ConditionRow } from "./condition-row.tsx";
import {
  type EditorSurroundings,
  RuleContext,
  type RuleEditorContext,
  useRuleEditor,
  Warnings,
} from "./rule-context.tsx";
import classes from "./rule-editor.module.css";
import {
  changeCondition,
  changeGroup,
  type EditGroup,
  type GroupType,
  newCondition,
  newGroup,
  removeCondition,
} from "./rule-tree.ts";

const GROUP_WORDS: Readonly<Record<GroupType, { readonly label: string; readonly join: string }>> = {
  ALL: { label: "all of these hold", join: "and" },
  ANY: { label: "any of these holds", join: "or" },
  NONE: { label: "none of these holds", join: "nor" },
};

const MAX_DEPTH = 5;

export interface RuleEditorProps extends EditorSurroundings {
  readonly root: EditGroup;
  readonly onChange: (root: EditGroup) => void;
}

export function RuleEditor({ root, onChange, ...shared }: RuleEditorProps) {
  const change: RuleEditorContext["change"] = (id, by) => {
    const changed = changeGroup(root, id, by);
    if (changed) onChange(changed);
  };
  return (
    <RuleContext value={{ ...shared, change }}>
      <RuleGroup group={root} depth={1} />
    </RuleContext>
  );
}

function RuleGroup({ group, depth }: { group: EditGroup; depth: number }) {
  const { faults, isReadOnly, change } = useRuleEditor();
  const { join } = GROUP_WORDS[group.type];
  const isEmpty = group.conditions.length === 0 && group.groups.length === 0;
  return (
    <fieldset
      className={classes["group"]}
      aria-label={depth === 1 ? "Rules" : `Group: ${GROUP_WORDS[group.type].label}`}
    >
      <div className={classes["head"]}>
        <Text fw={600} component="span">
          {depth === 1 ? "Everyone for whom" : "Those for whom"}
        </Text>
        <NativeSelect
          aria-label="How the conditions are joined"
          size="xs"
          value={group.type}
          disabled={isReadOnly}
          onChange={(event) => {
            const type = event.currentTarget.value as GroupType;
            change(group.id, (old) => ({ ...old, type }));
          }}
          data={Object.entries(GROUP_WORDS).map(([value, { label }]) => ({ value, label }))}
        />
        {depth > 1 && !isReadOnly && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => change(group.id, () => null)}>
            Remove group
          </Button>
        )}
      </div>
      {isEmpty && (
        <Text c="dimmed" size="sm" mb={8}>
          No condition: this holds for everybody.
        </Text>
      )}
      {group.conditions.map((condition, index) => (
        <Fragment key={condition.id}>
          {index > 0 && <div className={classes["join"]}>{join}</div>}
          <ConditionRow
            condition={condition}
            onChange={(patch) => change(group.id, (old) => changeCondition(old, condition.id, patch))}
            onRemove={() => change(group.id, (old) => removeCondition(old, condition.id))}
          />
        </Fragment>
      ))}
      {group.groups.map((inner, index) => (
        <Fragment key={inner.id}>
          {(index > 0 || group.conditions.length > 0) && <div className={classes["join"]}>{join}</div>}
          <RuleGroup group={inner} depth={depth + 1} />
        </Fragment>
      ))}
      <Warnings messages={faults.get(group.id)} />
      {!isReadOnly && <AddMenu group={group} depth={depth} />}
    </fieldset>
  );
}

function AddMenu({ group, depth }: { group: EditGroup; depth: number }) {
  const { change } = useRuleEditor();
  const add = (made: Partial<EditGroup>) =>
    change(group.id, (old) => ({
      ...old,
      conditions: [...old.conditions, ...(made.conditions ?? [])],
      groups: [...old.groups, ...(made.groups ?? [])],
    }));
  const addGroup = (type: GroupType) => add({ groups: [newGroup(type)] });
  return (
    <Group gap="xs" mt={12}>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => add({ conditions: [newCondition()] })}
      >
        Condition
      </Button>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => add({ conditions: [newCondition({ operator: "PERCENTAGE_SPLIT", value: "10" })] })}
      >
        Percentage
      </Button>
      {depth < MAX_DEPTH && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>
              Group
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => addGroup("ANY")}>Any of: one is enough</Menu.Item>
            <Menu.Item onClick={() => addGroup("ALL")}>All of: each must hold</Menu.Item>
            <Menu.Item onClick={() => addGroup("NONE")}>None of: whoever meets one is out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
