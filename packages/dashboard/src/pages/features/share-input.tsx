import { NumberInput } from "@mantine/core";
import { useState } from "react";

export interface ShareInputProps {
  readonly label: string;
  /** The label is seen, not only said. */
  readonly isLabelled?: boolean;
  /** In percent. */
  readonly share: number;
  readonly onChange: (share: number) => void;
  readonly isReadOnly: boolean;
}

/** A percentage. Emptied it counts as none, and stays empty to be typed into. */
export function ShareInput({ label, isLabelled = false, share, onChange, isReadOnly }: ShareInputProps) {
  const [isEmpty, setIsEmpty] = useState(false);
  return (
    <NumberInput
      {...(isLabelled ? { label } : { "aria-label": label })}
      value={isEmpty && share === 0 ? "" : share}
      onChange={(next) => {
        setIsEmpty(next === "");
        onChange(Number(next) || 0);
      }}
      onBlur={() => setIsEmpty(false)}
      min={0}
      max={100}
      decimalScale={4}
      suffix=" %"
      w={120}
      readOnly={isReadOnly}
    />
  );
}
