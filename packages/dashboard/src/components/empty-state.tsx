import { Group, Text, Title } from "@mantine/core";
import { IconFlag3 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./states.module.css";

export interface EmptyStateProps {
  /** What is not there: "No features yet". */
  readonly title: string;
  /** What the page is for, in a sentence or two. */
  readonly children?: ReactNode;
  /** A working example to copy or to try. */
  readonly example?: ReactNode;
  /** The next step. */
  readonly action?: ReactNode;
  readonly icon?: ReactNode;
  /** In a part of a page that has others beside it: a line, not a banner. */
  readonly isSmall?: boolean;
}

/** Instead of an empty list. Says what belongs there and offers the next step. */
export function EmptyState({ title, children, example, action, icon, isSmall = false }: EmptyStateProps) {
  return (
    <div className={classes["state"]} data-is-small={isSmall}>
      {!isSmall && (
        <div className={classes["icon"]} aria-hidden>
          {icon ?? <IconFlag3 size={22} stroke={1.6} />}
        </div>
      )}
      <Title order={isSmall ? 3 : 2}>{title}</Title>
      {children !== undefined && (
        <Text component="div" c="dimmed" className={classes["text"] ?? ""}>
          {children}
        </Text>
      )}
      {example !== undefined && <div className={classes["example"]}>{example}</div>}
      {action !== undefined && (
        <Group gap="sm" mt="sm" justify="center">
          {action}
        </Group>
      )}
    </div>
  );
}
