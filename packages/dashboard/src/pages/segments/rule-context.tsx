/** What every part of a rule editor knows. */
import { Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { createContext, use } from "react";
import classes from "./rule-editor.module.css";
import type { EditGroup } from "./rule-tree.ts";
import type { CatalogueTrait } from "./segment-queries.ts";

export interface EditorSurroundings {
  readonly environmentKey: string;
  readonly traits: readonly CatalogueTrait[];
  /** By the id of a group or a condition. */
  readonly faults: ReadonlyMap<string, readonly string[]>;
  readonly isReadOnly: boolean;
}

export interface RuleEditorContext extends EditorSurroundings {
  readonly change: (id: string, change: (group: EditGroup) => EditGroup | null) => void;
}

export const RuleContext = createContext<RuleEditorContext | null>(null);

export function useRuleEditor(): RuleEditorContext {
  const shared = use(RuleContext);
  if (!shared) throw new Error("used outside of a rule editor");
  return shared;
}

/** What is wrong here, beside the place. */
export function Warnings({ messages }: { messages: readonly string[] | undefined }) {
  if (!messages || messages.length === 0) return null;
  return (
    <Stack gap={2} role="status">
      {messages.map((message) => (
        <div key={message} className={classes["warning"]}>
          <IconAlertTriangle size={16} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <span>{message}</span>
        </div>
      ))}
    </Stack>
  );
}
