/** What one identity gets: changed in place, with a word to whoever was second. */
import { Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { May } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { notifyError } from "../../components/notify.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import type { IdentityOverride } from "./feature-queries.ts";
import { IdentityOverrideForm } from "./identity-override-form.tsx";
import { OverrideRow } from "./override-row.tsx";
import type { TabProps } from "./tab-props.ts";
import { useIdentityOverride } from "./use-identity-override.ts";

export interface IdentityOverrideRowProps extends TabProps {
  readonly override: IdentityOverride;
  readonly may: May;
}

export function IdentityOverrideRow(props: IdentityOverrideRowProps) {
  const { feature, environment, projectId, override, may } = props;
  const { identifier } = override.identity;
  const [isRemoving, setIsRemoving] = useState(false);
  const writes = useIdentityOverride(environment.api_key, identifier, feature);
  const toggle = useMutation({
    mutationFn: (enabled: boolean) =>
      writes.save({ enabled, reason: override.reason, expires_at: override.expires_at }, override.updated_at),
    onError: (error) => notifyError(error),
  });
  return (
    <li>
      <OverrideRow
        source="override"
        name={identifier}
        who={
          <>
            <Link
              to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
              params={{ projectId, environmentKey: environment.api_key, identifier, tab: undefined }}
            >
              {identifier}
            </Link>
            <Facts override={override} />
          </>
        }
        gives={
          override.variant === null ? (
            <ValueText value={override.value} longest={32} />
          ) : (
            <span>
              variant <code>{override.variant}</code>
            </span>
          )
        }
        isOn={toggle.isPending ? toggle.variables : override.enabled}
        onSwitch={(enabled) => toggle.mutate(enabled)}
        switchLabel={`${feature.name} for ${identifier}`}
        isSwitchable={may.isAllowed && !override.is_expired}
        {...(may.isAllowed && {
          form: (onDone: () => void) => <IdentityOverrideForm {...props} identifier={identifier} onDone={onDone} />,
          onRemove: () => setIsRemoving(true),
        })}
      />
      <ConfirmDanger
        opened={isRemoving}
        onClose={() => setIsRemoving(false)}
        title={`Remove the override of ${identifier}?`}
        confirmLabel="Remove override"
        destroys={[`${identifier} gets what their segments and the environment say again`]}
        production={environmentLook(environment).isProduction ? environment.name : undefined}
        onConfirm={() => writes.reset(override.updated_at)}
      />
    </li>
  );
}

/** "ana@acme.com, 2 days ago, until Friday: asked for it" */
function Facts({ override }: { override: IdentityOverride }) {
  return (
    <Text size="sm" c="dimmed">
      {override.updated_by ?? "somebody"}, <RelativeTime at={override.updated_at} />
      {override.expires_at && (
        <>
          {override.is_expired ? ", expired " : ", until "}
          <RelativeTime at={override.expires_at} />
        </>
      )}
      {override.reason && `: ${override.reason}`}
    </Text>
  );
}
