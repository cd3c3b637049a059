/** Flags side by side; what differs is marked in words and colour. */
import { Checkbox, Text } from "@mantine/core";
import { SourceBadge } from "../../components/source.tsx";
import type { FlagPair, Side } from "./flag-pairs.ts";
import { Served } from "./flag-row.tsx";
import classes from "./identity.module.css";

export interface FlagPairListProps {
  readonly label: string;
  readonly pairs: readonly FlagPair[];
  readonly leftName: string;
  readonly rightName: string;
  readonly changedWord: string;
  /** Boxes before the rows for which `can` is true. */
  readonly selection?: {
    readonly ids: ReadonlySet<number>;
    readonly can: (pair: FlagPair) => boolean;
    readonly onChange: (ids: ReadonlySet<number>) => void;
  };
}

function SideCell({ side, name }: { side: Side | undefined; name: string }) {
  return (
    <div className={classes["side"]}>
      <span className={classes["narrowName"]}>{name}</span>
      {side ? (
        <>
          <Served flag={side} />
          <SourceBadge source={side.source} name={side.segment} />
        </>
      ) : (
        <Text c="dimmed">not there</Text>
      )}
    </div>
  );
}

export function FlagPairList({ label, pairs, leftName, rightName, changedWord, selection }: FlagPairListProps) {
  const hasBox = selection !== undefined;
  const toggle = (id: number) => {
    if (!selection) return;
    const next = new Set(selection.ids);
    if (!next.delete(id)) next.add(id);
    selection.onChange(next);
  };
  return (
    <>
      <div className={`${classes["pair"]} ${classes["pairHead"]}`} data-has-box={hasBox} aria-hidden>
        {hasBox && <span />}
        <span>Feature</span>
        <span>{leftName}</span>
        <span>{rightName}</span>
      </div>
      <ul className={classes["list"]} aria-label={label}>
        {pairs.map((pair) => (
          <li key={pair.feature.id} className={classes["pair"]} data-changed={pair.isChanged} data-has-box={hasBox}>
            {selection &&
              (selection.can(pair) ? (
                <Checkbox
                  checked={selection.ids.has(pair.feature.id)}
                  onChange={() => toggle(pair.feature.id)}
                  aria-label={`Select ${pair.feature.name}`}
                />
              ) : (
                <span />
              ))}
            <div className={classes["side"]}>
              <strong style={{ overflowWrap: "anywhere" }}>{pair.feature.name}</strong>
              {pair.isChanged && (
                <span>
                  <span className={classes["changedMark"]}>{changedWord}</span>
                </span>
              )}
            </div>
            <SideCell side={pair.left} name={leftName} />
            <SideCell side={pair.right} name={rightName} />
          </li>
        ))}
      </ul>
    </>
  );
}
