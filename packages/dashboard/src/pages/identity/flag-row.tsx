/** One flag of an identity: its value, where that comes from, and what can be done about it. */
import { ActionIcon, Button, Collapse, Group, Text } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { FlagPennant } from "../../components/flag.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyError } from "../../components/notify.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { FlagTrace } from "./flag-trace.tsx";
import classes from "./identity.module.css";
import { type ExplainedFlag, everybodysOf, type Feature, type SegmentReason } from "./identity-queries.ts";
import { OverrideForm } from "./override-form.tsx";
import { useOverrideWrites } from "./override-writes.ts";
import type { IdentityPlace } from "./use-identity.ts";
import { WhyLine } from "./why-line.tsx";

export interface FlagRowProps {
  readonly flag: ExplainedFlag;
  readonly feature: Feature | undefined;
  readonly segments: readonly SegmentReason[];
  readonly place: IdentityPlace;
}

/** On or off and the value, as every list of flags here shows them. */
export function Served({ flag }: { flag: Pick<ExplainedFlag, "enabled" | "value"> }) {
  return (
    <span className={classes["served"]} data-is-on={flag.enabled}>
      <FlagPennant isOn={flag.enabled} size={16} />
      <span className={classes["state"]}>{flag.enabled ? "on" : "off"}</span>
      {flag.value !== null && flag.value !== "" && <ValueText value={flag.value} longest={32} />}
    </span>
  );
}

export function FlagRow(props: FlagRowProps) {
  const { flag, place } = props;
  const [isOpen, setIsOpen] = useState(false);
  const [isEditing, setIsEditing] = useState(false);
  const why = useRef<HTMLButtonElement>(null);
  const id = `flag-${flag.feature.id}`;
  const toggle = () => setIsOpen(!isOpen || isEditing);
  const edit = () => {
    setIsEditing(true);
    setIsOpen(true);
  };
  // The form is gone with what had the focus, and the button that opened it may be another one by then.
  const done = () => {
    setIsEditing(false);
    why.current?.focus();
  };
  return (
    <li className={classes["flag"]} data-source={flag.source}>
      <div className={classes["flagHead"]}>
        <ActionIcon
          ref={why}
          variant="subtle"
          color="gray"
          aria-label={`Why ${flag.feature.name}`}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={toggle}
        >
          <IconChevronRight size={16} className={classes["chevron"] ?? ""} data-is-open={isOpen} aria-hidden />
        </ActionIcon>
        <Name flag={flag} place={place} />
        <Served flag={flag} />
        <span className={classes["why"]}>
          <SourceBadge source={flag.source} name={flag.source === "segment" ? flag.segment?.name : undefined} />
          <Text component="span" size="sm" c="dimmed" className={classes["whyText"] ?? ""}>
            <WhyLine flag={flag} environmentName={place.environment.name} />
          </Text>
        </span>
        <Actions {...props} onEdit={edit} />
      </div>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <div className={classes["flagBody"]}>
            {isEditing ? (
              <OverrideForm place={place} flag={flag} feature={props.feature} onDone={done} />
            ) : (
              <FlagTrace flag={flag} segments={props.segments} everybodys={everybodysOf(props.feature)} place={place} />
            )}
          </div>
        )}
      </Collapse>
    </li>
  );
}

function Name({ flag, place }: Pick<FlagRowProps, "flag" | "place">): ReactNode {
  const { projectId, environmentKey } = place;
  return (
    <Link
      className={classes["name"] ?? ""}
      to="/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}"
      params={{ projectId, environmentKey, featureId: flag.feature.id, tab: undefined }}
    >
      {flag.feature.name}
    </Link>
  );
}

function Actions({ flag, place, onEdit }: FlagRowProps & { onEdit: () => void }) {
  const writes = useOverrideWrites(place);
  const [isAsked, setIsAsked] = useState(false);
  const shown = flag.override?.updated_at;
  const reset = useMutation({
    mutationFn: () => writes.reset(flag.feature, shown ?? ""),
    onError: (error) => notifyError(error, "It could not be reset"),
  });
  if (shown === undefined) {
    return (
      <GatedButton
        may={place.may.override}
        variant="default"
        size="xs"
        onClick={onEdit}
        aria-label={`Override ${flag.feature.name}`}
      >
        Override
      </GatedButton>
    );
  }
  return (
    <Group gap={8} wrap="nowrap">
      <GatedButton
        may={place.may.override}
        variant="default"
        size="xs"
        onClick={onEdit}
        aria-label={`Edit the override of ${flag.feature.name}`}
      >
        Edit
      </GatedButton>
      {place.may.override.isAllowed && (
        <Button
          variant="default"
          size="xs"
          loading={reset.isPending}
          onClick={() => (place.production === undefined ? reset.mutate() : setIsAsked(true))}
          aria-label={`Reset ${flag.feature.name}`}
        >
          Reset
        </Button>
      )}
      <ConfirmDanger
        opened={isAsked}
        onClose={() => setIsAsked(false)}
        title={`Reset ${flag.feature.name} for ${place.identifier}?`}
        destroys={[`the override of ${flag.feature.name} for this identity`]}
        confirmLabel="Reset override"
        production={place.production}
        onConfirm={() => writes.reset(flag.feature, shown)}
      />
    </Group>
  );
}
