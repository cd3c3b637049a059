/** Rules while they are edited: a tree whose nodes have ids, so that they keep their place on the page. */
import type { Fault } from "@burgee/engine";

export type GroupType = "ALL" | "ANY" | "NONE";

export interface WireCondition {
  readonly operator: string;
  readonly property: string | null;
  readonly value: string | null;
  readonly description?: string | null;
}

export interface WireRule {
  readonly type: GroupType;
  readonly rules: readonly WireRule[];
  readonly conditions: readonly WireCondition[];
}

export interface EditCondition {
  readonly id: string;
  readonly operator: string;
  readonly property: string;
  readonly value: string;
  readonly description: string | null;
}

export interface EditGroup {
  readonly id: string;
  readonly type: GroupType;
  readonly conditions: readonly EditCondition[];
  readonly groups: readonly EditGroup[];
}

let made = 0;
const nextId = (): string => `n${++made}`;

export const newCondition = (given: Partial<EditCondition> = {}): EditCondition => ({
  operator: "EQUAL",
  property: "",
  value: "",
  description: null,
  ...given,
  id: nextId(),
});

export const newGroup = (type: GroupType, conditions: readonly EditCondition[] = [newCondition()]): EditGroup => ({
  id: nextId(),
  type,
  conditions,
  groups: [],
});

function editGroup(rule: WireRule): EditGroup {
  return {
    id: nextId(),
    type: rule.type,
    conditions: rule.conditions.map(({ operator, property, value, description }) =>
      newCondition({ operator, property: property ?? "", value: value ?? "", description: description ?? null }),
    ),
    groups: rule.rules.map(editGroup),
  };
}

/** A segment's rules must all hold; where there are several they become one group that says so. */
export function editRules(rules: readonly WireRule[]): EditGroup {
  const [first, ...rest] = rules;
  if (!first) return newGroup("ALL");
  return rest.length === 0 ? editGroup(first) : { ...newGroup("ALL", []), groups: rules.map(editGroup) };
}

const NO_VALUE = new Set(["IS_SET", "IS_NOT_SET"]);

function writeGroup(group: EditGroup): WireRule {
  return {
    type: group.type,
    rules: group.groups.map(writeGroup),
    conditions: group.conditions.map(({ operator, property, value, description }) => ({
      operator,
      property: operator === "PERCENTAGE_SPLIT" && property === "" ? null : property,
      value: NO_VALUE.has(operator) ? null : value,
      ...(description ? { description } : {}),
    })),
  };
}

export const writeRules = (root: EditGroup): WireRule[] => [writeGroup(root)];

/** The tree with one group replaced by what `change` makes of it; null takes it out. */
export function changeGroup(
  root: EditGroup,
  id: string,
  change: (group: EditGroup) => EditGroup | null,
): EditGroup | null {
  if (root.id === id) return change(root);
  const groups = root.groups.flatMap((group) => changeGroup(group, id, change) ?? []);
  return { ...root, groups };
}

export const changeCondition = (group: EditGroup, id: string, patch: Partial<EditCondition>): EditGroup => ({
  ...group,
  conditions: group.conditions.map((condition) => (condition.id === id ? { ...condition, ...patch } : condition)),
});

export const removeCondition = (group: EditGroup, id: string): EditGroup => ({
  ...group,
  conditions: group.conditions.filter((condition) => condition.id !== id),
});

export function countConditions(group: EditGroup): number {
  return group.groups.reduce((sum, inner) => sum + countConditions(inner), group.conditions.length);
}

/** What stands where it is wrong: the messages by the id of the group or the condition. */
export function faultsById(root: EditGroup, faults: readonly Fault[]): ReadonlyMap<string, readonly string[]> {
  const byId = new Map<string, string[]>();
  for (const { path, isCondition, message } of faults) {
    const [, ...inner] = path;
    const last = isCondition ? inner.pop() : undefined;
    let group: EditGroup | undefined = root;
    for (const index of inner) group = group?.groups[index];
    const id = last === undefined ? group?.id : group?.conditions[last]?.id;
    if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), message]);
  }
  return byId;
}
