/** How variants share the identities: numbers beside a bar, and what is left for the control value. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ValueText } from "../../components/value-text.tsx";
import { type Option, optionValue } from "./feature-queries.ts";
import classes from "./features.module.css";
import { ShareInput } from "./share-input.tsx";

export type Weights = Readonly<Record<number, number>>;

/** What is left for those who get no variant, in percent. */
const controlShare = (weights: Weights): number =>
  Math.max(0, Math.round((100 - Object.values(weights).reduce((sum, weight) => sum + weight, 0)) * 1e6) / 1e6);

export const isTooMuch = (weights: Weights): boolean =>
  Object.values(weights).reduce((sum, weight) => sum + weight, 0) > 100.000001;

/** Each is told by its place and its name; the colours only help. */
const COLOURS = ["#0f766e", "#1556c4", "#6d28d9", "#a16207", "#86198f", "#475569"] as const;
const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? COLOURS[0];

export interface WeightsEditorProps {
  readonly options: readonly Option[];
  readonly weights: Weights;
  readonly onChange: (option: number, weight: number) => void;
  readonly control: ReactNode;
  readonly isReadOnly: boolean;
  /** Beside each variant: edit and remove. */
  readonly actions?: (option: Option) => ReactNode;
}

export const nameOf = (option: Option, index: number): string => option.key ?? `variant ${index + 1}`;

export function WeightsEditor({ options, weights, onChange, control, isReadOnly, actions }: WeightsEditorProps) {
  const rest = controlShare(weights);
  return (
    <div>
      <div className={classes["bar"]} aria-hidden>
        {options.map((option, index) => (
          <div key={option.id} style={{ width: `${weights[option.id] ?? 0}%`, background: colourOf(index) }} />
        ))}
      </div>
      <ul className={classes["variants"]} aria-label="Variants">
        {options.map((option, index) => (
          <li key={option.id}>
            <Swatch colour={colourOf(index)} />
            <span className={classes["variantName"]}>{nameOf(option, index)}</span>
            <span className={classes["variantValue"]}>
              <ValueText value={optionValue(option)} />
            </span>
            <ShareInput
              label={`Share of ${nameOf(option, index)}`}
              share={weights[option.id] ?? 0}
              onChange={(weight) => onChange(option.id, weight)}
              isReadOnly={isReadOnly}
            />
            {actions && <span className={classes["acts"]}>{actions(option)}</span>}
          </li>
        ))}
        <li>
          <Swatch colour="var(--line)" />
          <span className={classes["variantName"]}>control</span>
          <span className={classes["variantValue"]}>{control}</span>
          <Text className={classes["rest"] ?? ""} fw={600}>
            {rest} %
          </Text>
        </li>
      </ul>
      {isTooMuch(weights) && (
        <Text role="alert" size="sm" c="var(--mantine-color-error)">
          Together the variants have more than 100 %.
        </Text>
      )}
    </div>
  );
}

const Swatch = ({ colour }: { colour: string }) => (
  <svg width={12} height={12} viewBox="0 0 12 12" aria-hidden>
    <rect width={12} height={12} rx={3} fill={colour} />
  </svg>
);
