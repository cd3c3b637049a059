/** Sets one trait for many, or takes it away. */
import { Autocomplete, Button, Group, NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { valueInOneLine } from "../../components/value-format.ts";
import { guessType, readTrait, TRAIT_TYPES, type TraitType, TYPE_WORDS } from "../identity/trait-text.ts";
import { catalogueQuery } from "../segments/segment-queries.ts";
import type { BulkFormProps } from "./bulk-dialog.tsx";

export function BulkTrait({ environmentKey, onReady, isBusy, error }: BulkFormProps & { environmentKey: string }) {
  const { data } = useQuery({ ...catalogueQuery(environmentKey, ""), retry: false });
  const [key, setKey] = useState("");
  const [isSet, setIsSet] = useState(true);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<TraitType>();
  const [isTried, setIsTried] = useState(false);
  const type = chosen ?? guessType(text);
  const read = readTrait(type, text);
  const submit = () => {
    setIsTried(true);
    if (key === "" || (isSet && !read.ok)) return;
    const value = isSet && read.ok ? read.value : null;
    const words = value === null ? `Taking ${key} away` : `Setting ${key} to ${valueInOneLine(value, 40)}`;
    onReady({ work: { type: "set_traits", traits: { [key]: value } }, words });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["traits"]} />
        <Autocomplete
          label="Trait"
          placeholder="plan"
          value={key}
          onChange={setKey}
          data={data?.results.map((trait) => trait.key) ?? []}
          limit={20}
          maxLength={200}
          error={(isTried && key === "" ? "Name the trait." : undefined) ?? fieldError(error, "traits")}
        />
        <Radio.Group
          label="What happens"
          value={isSet ? "set" : "remove"}
          onChange={(value) => setIsSet(value === "set")}
        >
          <Group gap="md" mt={4}>
            <Radio value="set" label="Set it" />
            <Radio value="remove" label="Take it away" />
          </Group>
        </Radio.Group>
        {isSet && (
          <Group gap="sm" align="flex-start">
            <NativeSelect
              label="Type"
              value={type}
              onChange={(event) => setChosen(event.currentTarget.value as TraitType)}
              data={TRAIT_TYPES.map((value) => ({ value, label: TYPE_WORDS[value] }))}
              w={150}
            />
            {type === "boolean" ? (
              <NativeSelect
                label="Value"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
                data={[
                  { value: "", label: "choose" },
                  { value: "true", label: "yes (true)" },
                  { value: "false", label: "no (false)" },
                ]}
                error={isTried && !read.ok ? read.fault : undefined}
                style={{ flex: 1 }}
              />
            ) : (
              <TextInput
                label="Value"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
                error={isTried && !read.ok ? read.fault : undefined}
                style={{ flex: 1 }}
              />
            )}
          </Group>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={isBusy}>
            Count first
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
