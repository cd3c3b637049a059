/** Where a value comes from: always the same word, icon and colour. The key idea of these pages. */
import { IconAnchor, IconChartPie, IconChevronRight, IconPin, IconUsers } from "@tabler/icons-react";
import classes from "./source.module.css";

export type Source = "default" | "split" | "segment" | "override";

const ICONS = { default: IconAnchor, split: IconChartPie, segment: IconUsers, override: IconPin } as const;

/** From the strongest to the weakest. */
export const PRECEDENCE: readonly Source[] = ["override", "segment", "split", "default"];

export const SOURCE_MEANING: Readonly<Record<Source, string>> = {
  override: "set for this one identity",
  segment: "set for everyone in a segment",
  split: "drawn by percentage",
  default: "what everyone else gets in this environment",
};

export interface SourceBadgeProps {
  readonly source: Source;
  /** The segment's; shown behind the word. */
  readonly name?: string | undefined;
}

/** Stands beside every value. */
export function SourceBadge({ source, name }: SourceBadgeProps) {
  const Icon = ICONS[source];
  return (
    <span className={classes["badge"]} data-source={source}>
      <Icon size={14} stroke={1.8} aria-hidden />
      <span>
        {source}
        {name !== undefined && <strong className={classes["name"]}> {name}</strong>}
      </span>
    </span>
  );
}

export interface PrecedenceLadderProps {
  /** The one that won here; the others stand back. Without it, the ladder is the key of a page. */
  readonly active?: Source;
}

/** override > segment > split > default. */
export function PrecedenceLadder({ active }: PrecedenceLadderProps) {
  return (
    <ol className={classes["ladder"]} aria-label="What wins, from the strongest">
      {PRECEDENCE.map((source, index) => (
        <li
          key={source}
          className={classes["rung"]}
          data-is-off={active !== undefined && active !== source}
          title={SOURCE_MEANING[source]}
          aria-current={active === source ? "true" : undefined}
        >
          {index > 0 && <IconChevronRight size={14} className={classes["arrow"]} aria-hidden />}
          <SourceBadge source={source} />
        </li>
      ))}
    </ol>
  );
}
