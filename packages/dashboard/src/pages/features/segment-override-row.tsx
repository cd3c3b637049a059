/** What one segment gets, and its place among the others. */
import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { Badge, Text } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { May } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import {
  type Option,
  optionsQuery,
  removeSegmentOverride,
  type SegmentOverride,
  servedValue,
} from "./feature-queries.ts";
import classes from "./features.module.css";
import { OverrideForm } from "./override-form.tsx";
import { OverrideRow } from "./override-row.tsx";
import type { TabProps } from "./tab-props.ts";

export interface SegmentOverrideRowProps extends TabProps {
  readonly override: SegmentOverride;
  readonly index: number;
  readonly name: string;
  readonly may: May;
}

export function SegmentOverrideRow(props: SegmentOverrideRowProps) {
  const { feature, flag, environment, projectId, write, override, index, name, may } = props;
  const { attributes, listeners, setNodeRef, transform, transition } = useSortable({ id: override.segment.id });
  const [isRemoving, setIsRemoving] = useState(false);
  const { data: options = [] } = useQuery(optionsQuery(projectId, feature.id));
  const id = override.segment.id;
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => write.save(flag, { segment_overrides: [{ segment: { id }, enabled }] }),
    onSuccess: (saved, enabled) =>
      saved && notifyDone(`${feature.name} is ${enabled ? "on" : "off"} for ${name} in ${environment.name}.`),
    onError: (error) => notifyError(error),
  });
  const handle = may.isAllowed && (
    <button
      type="button"
      className={classes["handle"]}
      {...attributes}
      {...listeners}
      aria-label={`Move ${name}, number ${index + 1}`}
    >
      <IconGripVertical size={16} aria-hidden />
    </button>
  );
  return (
    <li ref={setNodeRef} style={{ transform: CSS.Transform.toString(transform), transition }}>
      <OverrideRow
        source="segment"
        name={name}
        lead={
          <>
            {handle}
            <Badge variant="default" circle>
              {index + 1}
            </Badge>
          </>
        }
        who={
          <Link
            to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
            params={{ projectId, environmentKey: environment.api_key, segmentId: String(id) }}
          >
            {name}
          </Link>
        }
        gives={
          <>
            <ValueText value={servedValue(override.value)} longest={32} />
            <Shares override={override} options={options} />
          </>
        }
        isOn={toggle.isPending ? toggle.variables : override.enabled}
        onSwitch={(enabled) => toggle.mutate(enabled)}
        switchLabel={`${feature.name} for ${name}`}
        isSwitchable={may.isAllowed}
        {...(may.isAllowed && {
          form: (onDone: () => void) => <OverrideForm {...props} options={options} onDone={onDone} />,
          onRemove: () => setIsRemoving(true),
        })}
      />
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove the override of ${feature.name} for ${name}?`}
        confirmLabel="Remove override"
        destroys={[`what members of ${name} get in ${environment.name}: they get what everybody else gets`]}
        production={environmentLook(environment).isProduction ? environment.name : undefined}
        onConfirm={async () => {
          const saved = await removeSegmentOverride(environment.api_key, feature.id, id);
          write.accept(saved);
          notifyDone(`Removed the override for ${name}.`);
        }}
      />
    </li>
  );
}

/** "blue 30 %, red 30 %" */
function Shares({ override, options }: { override: SegmentOverride; options: readonly Option[] }) {
  const shares = override.variants.filter(({ weight }) => weight > 0);
  if (shares.length === 0 || options.length === 0) return null;
  const said = shares.map(({ id, weight }) => `${options.find((one) => one.id === id)?.key ?? "variant"} ${weight} %`);
  return (
    <Text span size="sm" c="dimmed">
      {said.join(", ")}
    </Text>
  );
}
