import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./copy-text.module.css";

export interface CopyTextProps {
  readonly text: string;
  /** What it is, for the button's name: "identifier" makes "Copy identifier". */
  readonly what: string;
  /** Shown instead of the text itself; "" = only the button. */
  readonly shown?: string;
}

/** An identifier, key or snippet in monospace with a button that copies it. */
export function CopyText({ text, what, shown = text }: CopyTextProps) {
  return (
    <span className={classes["root"]}>
      {shown !== "" && <code>{shown}</code>}
      <CopyButton value={text} timeout={1500}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : `Copy ${what}`}>
            <ActionIcon
              className={classes["button"] ?? ""}
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Copy ${what}`}
              onClick={copy}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
