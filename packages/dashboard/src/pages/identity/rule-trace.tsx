/** A segment's rules as they came out for one identity: a tree of conditions, each with what it was compared with. */

import type { RuleTrace } from "@burgee/contract/admin";
import { conditionWords } from "@burgee/contract/admin";
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

function RuleItem({ rule }: { rule: RuleTrace }) {
  const parts = rule.conditions.length + rule.rules.length;
  return (
    <li>
      <div className={classes["branch"]}>
        <span>{parts === 1 && rule.type !== "NONE" ? "This must hold" : (HEADS[rule.type] ?? rule.type)}</span>
        <Held held={rule.held} />
      </div>
      <ul className={classes["tree"]}>
        {rule.conditions.map((condition, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes its order
          <li key={index}>
            <div className={classes["branch"]}>
              <span>
                {sayCondition({ ...condition, value: condition.value })}
                <span className={classes["found"]}>{conditionWords(condition)}</span>
              </span>
              <Held held={condition.held} yes="yes" no="no" />
            </div>
          </li>
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
