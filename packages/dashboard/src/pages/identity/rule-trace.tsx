/** A segment's rules as they came out for one identity: a tree of conditions, each with what it was compared with. */

import type { ConditionTrace, RuleTrace } from "@burgee/contract/admin";
import { IconCheck, IconX } from "@tabler/icons-react";
import { sayCondition } from "../segments/operators.ts";
import classes from "./identity.module.css";

const HEADS: Readonly<Record<string, string>> = {
  ALL: "All of these must hold",
  ANY: "Any one of these is enough",
  NONE: "None of these may hold",
};

export function Held({ held, yes = "holds", no = "does not hold" }: { held: boolean; yes?: string; no?: string }) {
  const Icon = held ? IconCheck : IconX;
  return (
    <span className={classes["held"]} data-held={held}>
      <Icon size={14} stroke={2.4} aria-hidden />
      {held ? yes : no}
    </span>
  );
}

/** `plan = “pro”`, or that it is not set. */
function foundText({ property, operand, split }: ConditionTrace): string {
  const subject = property === "" ? "identity" : property;
  if (split !== null) return `bucket ${Math.round(split.bucket * 100) / 100}`;
  if (operand === null) return `${subject} is not set`;
  return `${subject} = ${operand.type === "text" ? `“${operand.text}”` : operand.text}`;
}

function ConditionItem({ condition }: { condition: ConditionTrace }) {
  return (
    <li>
      <div className={classes["condition"]}>
        <span>{sayCondition(condition)}</span>
        <span className={classes["found"]}>{foundText(condition)}</span>
        <Held held={condition.held} yes="yes" no="no" />
      </div>
    </li>
  );
}

function RuleItem({ rule }: { rule: RuleTrace }) {
  const [only] = rule.conditions;
  // A group of one says no more than what is in it.
  if (only && rule.conditions.length === 1 && rule.rules.length === 0 && rule.type !== "NONE") {
    return <ConditionItem condition={only} />;
  }
  return (
    <li>
      <div className={classes["branch"]}>
        <span>{HEADS[rule.type] ?? rule.type}</span>
        <Held held={rule.held} />
      </div>
      <ul className={classes["tree"]}>
        {rule.conditions.map((condition, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes its order
          <ConditionItem key={index} condition={condition} />
        ))}
        {rule.rules.map((inner, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes its order
          <RuleItem key={index} rule={inner} />
        ))}
      </ul>
    </li>
  );
}

export function RuleTree({ rules, label }: { rules: readonly RuleTrace[]; label: string }) {
  if (rules.length === 0) return <span>It has no rules, and such a segment has no members.</span>;
  return (
    <ul className={classes["tree"]} aria-label={label}>
      {rules.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes its order
        <RuleItem key={index} rule={rule} />
      ))}
    </ul>
  );
}
