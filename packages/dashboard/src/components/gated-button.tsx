import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import type { May } from "../api/use-permissions.ts";

export interface GatedButtonProps extends Omit<ButtonProps, "disabled"> {
  /** What usePermissions says: permissions.may("CREATE_FEATURE"). */
  readonly may: May;
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  /** For reasons of the page itself, not of rights. */
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** A button that says why it may not be pressed. It stays reachable by keyboard, or nobody could hear the reason. */
export function GatedButton({ may, onClick, type = "button", disabled = false, children, ...rest }: GatedButtonProps) {
  if (may.isAllowed) {
    return (
      <Button type={type} disabled={disabled} {...(onClick && { onClick })} {...rest}>
        {children}
      </Button>
    );
  }
  const button = (
    <Button
      type="button"
      data-disabled
      aria-disabled
      onClick={(event: { preventDefault(): void }) => event.preventDefault()}
      {...rest}
    >
      {children}
    </Button>
  );
  return may.reason === undefined ? (
    button
  ) : (
    <Tooltip label={may.reason} multiline w={260}>
      {button}
    </Tooltip>
  );
}
