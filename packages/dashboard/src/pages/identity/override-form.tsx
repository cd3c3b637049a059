/** Overrides one feature for one identity, inside the flag's row. */
import {
  Alert,
  Button,
  Group,
  NativeSelect,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ApiError, fieldError } from "../../api/errors.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { parseValue } from "../../components/value-format.ts";
import { ValueText } from "../../components/value-text.tsx";
import { type Expiry, expiresAt, expiryFault, expiryOf } from "./expiry.ts";
import { ExpiryField } from "./expiry-field.tsx";
import { type ExplainedFlag, type Feature, overridePath } from "./identity-queries.ts";
import { type HeldOverride, readOverride, useOverrideWrites, type WantedOverride } from "./override-writes.ts";
import type { IdentityPlace } from "./use-identity.ts";
import { firstChoice, OWN_VALUE, servedChoices, servedOf, textOfValue } from "./variant-choice.ts";

export interface OverrideFormProps {
  readonly place: IdentityPlace;
  readonly flag: ExplainedFlag;
  readonly feature: Feature | undefined;
  readonly onDone: () => void;
}

/** Begins with what is there now; what happens meanwhile shows when it is saved. */
export function OverrideForm(props: OverrideFormProps) {
  const { place, flag } = props;
  const path = overridePath(place.environmentKey, place.identifier, flag.feature.id);
  const { data, error, refetch } = useQuery({
    queryKey: ["override-form", path],
    queryFn: ({ signal }) => readOverride(path, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={180} />;
  return <Fields key={data.etag} {...props} held={data} onTheirs={() => void refetch()} />;
}

interface FieldsProps extends OverrideFormProps {
  readonly held: HeldOverride;
  readonly onTheirs: () => void;
}

function useDraft({ flag, feature, held }: FieldsProps) {
  const live = held.override?.is_expired ? null : held.override;
  const before = live ? live.value : flag.value;
  const [isOn, setIsOn] = useState(live?.enabled ?? flag.enabled);
  const [choice, setChoice] = useState(() => firstChoice(feature, live));
  const [text, setText] = useState(textOfValue(before));
  const [reason, setReason] = useState(live?.reason ?? "");
  const [expiry, setExpiry] = useState<Expiry>(() => expiryOf(live?.expires_at));
  const [isTried, setIsTried] = useState(false);
  const fault = expiryFault(expiry, Date.now());
  const wanted = (): WantedOverride => ({
    enabled: isOn,
    ...servedOf(choice, text, before),
    reason: reason.trim() || null,
    expires_at: expiresAt(expiry, Date.now()) ?? null,
  });
  return {
    ...{ isOn, setIsOn, choice, setChoice, text, setText, reason, setReason, expiry, setExpiry, wanted },
    choices: servedChoices(feature, live),
    fault: isTried || expiry.at !== "" ? fault : undefined,
    isReady: () => {
      setIsTried(true);
      return fault === undefined;
    },
  };
}

const FIELDS = ["value", "variant", "reason", "expires_at"] as const;

function Fields(props: FieldsProps) {
  const { place, flag, held, onDone, onTheirs } = props;
  const id = useId();
  const draft = useDraft(props);
  const writes = useOverrideWrites(place);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (seen: HeldOverride) => writes.save(flag.feature, draft.wanted(), seen),
    onSuccess: onDone,
  });
  const isConflict = error instanceof ApiError && error.isConflict;
  return (
    <form
      aria-label={`Override ${flag.feature.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.isReady()) mutate(held);
      }}
    >
      <Stack gap="md" maw={640}>
        {place.production !== undefined && (
          <Alert color="red" variant="outline" title={`This is ${place.production}`}>
            {place.identifier} feels it at once.
          </Alert>
        )}
        {isConflict ? (
          <Conflict
            path={overridePath(place.environmentKey, place.identifier, flag.feature.id)}
            onTheirs={onTheirs}
            onMine={mutate}
          />
        ) : (
          <FormProblem error={error} fields={FIELDS} />
        )}
        <div>
          <Text component="span" id={id} fw={500} display="block" mb={4}>
            {flag.feature.name} for this identity
          </Text>
          <SegmentedControl
            aria-labelledby={id}
            value={draft.isOn ? "on" : "off"}
            onChange={(value) => draft.setIsOn(value === "on")}
            data={[
              { value: "on", label: "On" },
              { value: "off", label: "Off" },
            ]}
          />
        </div>
        <ServedFields draft={draft} error={error} />
        <TextInput
          label="Reason"
          description="So that whoever finds it later knows whether it is still needed."
          value={draft.reason}
          onChange={(event) => draft.setReason(event.currentTarget.value)}
          error={fieldError(error, "reason")}
          maxLength={2000}
        />
        <ExpiryField
          value={draft.expiry}
          onChange={draft.setExpiry}
          error={draft.fault ?? fieldError(error, "expires_at")}
        />
        <Group gap="sm">
          <Button type="submit" loading={isPending}>
            {held.override && !held.override.is_expired ? "Save override" : "Override"}
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const TYPE_WORDS = { string: "text", number: "a whole number", boolean: "yes or no" } as const;

function ServedFields({ draft, error }: { draft: ReturnType<typeof useDraft>; error: unknown }) {
  const value = parseValue(draft.text);
  const kind = value === null ? "no value" : TYPE_WORDS[typeof value as keyof typeof TYPE_WORDS];
  return (
    <>
      {draft.choices.length > 0 && (
        <NativeSelect
          label="What it gets"
          value={draft.choice}
          onChange={(event) => draft.setChoice(event.currentTarget.value)}
          data={draft.choices}
          error={fieldError(error, "variant")}
        />
      )}
      {draft.choice === OWN_VALUE && (
        <Textarea
          label="Value"
          description={`Applications read it as ${kind}.`}
          value={draft.text}
          onChange={(event) => draft.setText(event.currentTarget.value)}
          error={fieldError(error, "value")}
          autosize
          minRows={1}
          maxRows={12}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
          spellCheck={false}
        />
      )}
    </>
  );
}

interface ConflictProps {
  readonly path: string;
  readonly onTheirs: () => void;
  readonly onMine: (seen: HeldOverride) => void;
}

/** Nothing was stored. What is there now is shown, and one of the two is chosen. */
function Conflict({ path, onTheirs, onMine }: ConflictProps) {
  const { data: now } = useQuery({ queryKey: ["override-now", path], queryFn: () => readOverride(path), gcTime: 0 });
  return (
    <Alert color="red" variant="outline" role="alert" title="Somebody else was quicker">
      <Stack gap="sm">
        {now?.override && (
          <span>
            It now is {now.override.enabled ? "on" : "off"} with <ValueText value={now.override.value} />, by{" "}
            {now.override.updated_by ?? "somebody"}. Nothing of yours has been stored.
          </span>
        )}
        {now && !now.override && <span>The override was removed. Nothing of yours has been stored.</span>}
        <Group gap="sm">
          <Button variant="default" size="xs" onClick={onTheirs}>
            Show theirs
          </Button>
          <Button color="red.9" size="xs" disabled={!now} onClick={() => now && onMine(now)}>
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
