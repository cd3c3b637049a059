import { HoverCard } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./value.module.css";
import { type FlagValue, valueInOneLine } from "./value-format.ts";

export interface ValueTextProps {
  readonly value: FlagValue;
  /** Letters after which it is cut; the whole one shows on hover. */
  readonly longest?: number;
}

/** The frame of a value that is written already. */
export const ValueChip = ({ children }: { children: ReactNode }) => (
  <code className={classes["value"]}>{children}</code>
);

/** A value inside a line. */
export function ValueText({ value, longest = 60 }: ValueTextProps) {
  const line = valueInOneLine(value, longest);
  if (value === null) return <span className={classes["none"]}>{line}</span>;
  const isCut = typeof value === "string" && (value.length > longest || value.includes("\n"));
  const shown = <code className={classes["value"]}>{line}</code>;
  if (!isCut) return shown;
  return (
    <HoverCard openDelay={300} width={420} shadow="sm" withinPortal>
      <HoverCard.Target>{shown}</HoverCard.Target>
      <HoverCard.Dropdown>
        <pre className={classes["whole"]}>{value}</pre>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
