/** One override in a list, of a segment or of an identity: what it is for, what it gives, and what can be done to it. */
import { ActionIcon, Switch } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { type Source, SourceBadge } from "../../components/source.tsx";
import classes from "./features.module.css";

export interface OverrideRowProps {
  readonly source: Source;
  /** For the buttons' names: "Edit the override of ana@shop.io". */
  readonly name: string;
  /** Before the source: a handle, a number. */
  readonly lead?: ReactNode;
  /** Whom it is for, as a link, with what is known of it. */
  readonly who: ReactNode;
  readonly gives: ReactNode;
  readonly isOn: boolean;
  readonly onSwitch: (isOn: boolean) => void;
  /** "new_checkout for Beta testers". */
  readonly switchLabel: string;
  readonly isSwitchable: boolean;
  /** Undefined where one may not change it. */
  readonly form?: ((onDone: () => void) => ReactNode) | undefined;
  readonly onRemove?: (() => void) | undefined;
}

export function OverrideRow(props: OverrideRowProps) {
  const { source, name, lead, who, gives, isOn, form, onRemove } = props;
  const [isEditing, setIsEditing] = useState(false);
  return (
    <>
      <div className={classes["line"]}>
        <span className={classes["lead"]}>
          {lead}
          <SourceBadge source={source} />
        </span>
        <span className={classes["who"]}>{who}</span>
        <span className={classes["gives"]}>{gives}</span>
        <span className={classes["acts"]}>
          <Switch
            checked={isOn}
            onChange={(event) => props.onSwitch(event.currentTarget.checked)}
            disabled={!props.isSwitchable}
            aria-label={props.switchLabel}
          />
          {form && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Edit the override of ${name}`}
              aria-expanded={isEditing}
              onClick={() => setIsEditing(!isEditing)}
            >
              <IconPencil size={16} />
            </ActionIcon>
          )}
          {onRemove && (
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove the override of ${name}`} onClick={onRemove}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </span>
      </div>
      {isEditing && form?.(() => setIsEditing(false))}
    </>
  );
}
