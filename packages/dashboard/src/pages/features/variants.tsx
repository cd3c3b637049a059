/** Variants are the project's: the same in every environment, with shares of their own in each. */
import { ActionIcon, Button, Group, Modal, NumberInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { type Feature, type Option, optionValue } from "./feature-queries.ts";
import { typedText, typedValue } from "./typed-text.ts";
import { TypedValue } from "./typed-value.tsx";

interface VariantsProps {
  readonly feature: Feature;
  readonly projectId: number;
  readonly environment: EnvironmentDetail;
}

const optionsPath = ({ projectId, feature }: Pick<VariantsProps, "projectId" | "feature">): string =>
  apiPath`/projects/${projectId}/features/${feature.id}/mv-options/`;

function useStale({ projectId, environment }: VariantsProps) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.project(projectId) }),
      client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) }),
    ]);
}

export function VariantsHead({ hasVariants, ...props }: VariantsProps & { hasVariants: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const may = useProjectPermissions(props.projectId).may("ADMIN");
  return (
    <Group justify="space-between" mb={8} align="flex-start">
      <div>
        <Title order={2}>Variants</Title>
        <Text c="dimmed" size="sm">
          {hasVariants
            ? "Each identity keeps its variant: who gets which is drawn from its identifier."
            : "Give shares of your users different values, and compare."}
        </Text>
      </div>
      <GatedButton
        may={may}
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => setIsOpen(true)}
      >
        Variant
      </GatedButton>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title="New variant">
        {isOpen && <VariantForm {...props} option={undefined} onDone={() => setIsOpen(false)} />}
      </Modal>
    </Group>
  );
}

interface VariantFormProps extends VariantsProps {
  readonly option: Option | undefined;
  readonly onDone: () => void;
}

/** The shape in which options are written. */
function typedFields(value: ReturnType<typeof typedValue>) {
  if (typeof value === "number") return { type: "int", integer_value: value };
  if (typeof value === "boolean") return { type: "bool", boolean_value: value };
  return { type: "unicode", string_value: value ?? "" };
}

function VariantForm({ option, onDone, ...props }: VariantFormProps) {
  const [key, setKey] = useState(option?.key ?? "");
  const [value, setValue] = useState(() => typedText(option ? (optionValue(option) ?? "") : ""));
  const [share, setShare] = useState(option?.default_percentage_allocation ?? 0);
  const stale = useStale(props);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const body = {
        ...typedFields(typedValue(value)),
        key: key.trim() || null,
        default_percentage_allocation: share,
        feature: props.feature.id,
      };
      if (option) await api.put(`${optionsPath(props)}${option.id}/`, body);
      else await api.post(optionsPath(props), body);
      await stale();
    },
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["key", "default_percentage_allocation", "string_value"]} />
        <TextInput
          label="Key"
          description="A short name, such as blue: overrides and reports call the variant by it."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={fieldError(error, "key")}
          data-autofocus
        />
        <TypedValue
          value={value}
          onChange={setValue}
          label="Value"
          error={fieldError(error, "string_value")}
          minLines={2}
        />
        <NumberInput
          label="Share in new environments"
          value={share}
          onChange={(next) => setShare(Number(next) || 0)}
          min={0}
          max={100}
          suffix=" %"
          error={fieldError(error, "default_percentage_allocation")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            {option ? "Save variant" : "Add variant"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function VariantButtons({ option, ...props }: VariantsProps & { option: Option }) {
  const [isOpen, setIsOpen] = useState(false);
  const [isDeleting, setIsDeleting] = useState(false);
  const stale = useStale(props);
  const may = useProjectPermissions(props.projectId).may("ADMIN");
  const name = option.key ?? "this variant";
  if (!may.isAllowed) return null;
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${name}`} onClick={() => setIsOpen(true)}>
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={() => setIsDeleting(true)}>
        <IconTrash size={16} />
      </ActionIcon>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title={`Variant ${name}`}>
        {isOpen && <VariantForm {...props} option={option} onDone={() => setIsOpen(false)} />}
      </Modal>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Delete the variant ${name}?`}
        confirmLabel="Delete variant"
        destroys={["its share in every environment", "overrides that pin it get the control value"]}
        onConfirm={async () => {
          await api.delete(`${optionsPath(props)}${option.id}/`);
          await stale();
        }}
      />
    </>
  );
}
