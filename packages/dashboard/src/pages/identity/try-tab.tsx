/** Traits as they might be beside what would come of it. Nothing is stored. */
import { Button, Group, Stack, Switch, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { FlagPairList } from "./flag-pair-list.tsx";
import { pairFlags, rightFrom } from "./flag-pairs.ts";
import {
  askedOf,
  type Hypothesis,
  type HypotheticalTrait,
  isNothing,
  NOTHING,
  restored,
  traitsOf,
  withoutTrait,
  withTrait,
} from "./hypothesis.ts";
import classes from "./identity.module.css";
import { type Explanation, explanationQuery, type RecordTrait, whatIfQuery } from "./identity-queries.ts";
import { TraitForm } from "./trait-form.tsx";
import { textOf } from "./trait-text.ts";
import { useFirst } from "./use-first.tsx";
import { useIdentityPlace } from "./use-identity.ts";

export function TryTab() {
  const { environmentKey, identifier } = useIdentityPlace();
  const [hypothesis, setHypothesis] = useState(NOTHING);
  const now = useQuery(explanationQuery(environmentKey, identifier));
  const then = useQuery({
    ...whatIfQuery(environmentKey, askedOf(hypothesis, identifier)),
    enabled: !isNothing(hypothesis),
  });
  if (now.error) return <ErrorState error={now.error} onRetry={() => void now.refetch()} />;
  if (!now.data) return <LoadingRows label="Loading the flags" />;
  if (now.data.identity.traits_hidden) {
    return <EmptyState title="Not yours to see">You need the permission “view traits” in this environment.</EmptyState>;
  }
  return (
    <div className={classes["sides"]}>
      <Editor
        environmentKey={environmentKey}
        stored={now.data.identity.traits}
        hypothesis={hypothesis}
        onChange={setHypothesis}
      />
      {isNothing(hypothesis) ? (
        <EmptyState title="What if?">
          Change a trait, add one or leave one out, and see here what this user would get then. Nothing is stored, and
          no user notices.
        </EmptyState>
      ) : then.error ? (
        <ErrorState error={then.error} onRetry={() => void then.refetch()} />
      ) : then.data ? (
        <Outcome before={now.data} after={then.data} isStale={then.isPlaceholderData} />
      ) : (
        <LoadingRows label="Trying" />
      )}
    </div>
  );
}

interface EditorProps {
  readonly environmentKey: string;
  readonly stored: readonly RecordTrait[];
  readonly hypothesis: Hypothesis;
  readonly onChange: (hypothesis: Hypothesis) => void;
}

function Editor({ environmentKey, stored, hypothesis, onChange }: EditorProps) {
  const [open, setOpen] = useState<string>();
  const rows = traitsOf(hypothesis, stored);
  const { first, more } = useFirst(rows);
  const form = (key: string, trait: RecordTrait | undefined) => (
    <TraitForm
      key={key}
      environmentKey={environmentKey}
      trait={trait}
      taken={trait ? [] : rows.map((row) => row.key)}
      onSave={async (next) => onChange(withTrait(hypothesis, next, stored))}
      onDone={() => setOpen(undefined)}
      saveLabel="Try it"
    />
  );
  return (
    <section aria-label="Traits to try">
      <Group justify="space-between" mb="sm">
        <Title order={2}>Traits</Title>
        {!isNothing(hypothesis) && (
          <Button variant="default" size="xs" onClick={() => onChange(NOTHING)}>
            As they are stored
          </Button>
        )}
      </Group>
      <ul className={`${classes["plain"]} ${classes["rows"]}`} aria-label="Traits as they might be">
        {first.map((row) => (
          <li key={row.key} className={classes["tried"]} data-state={row.state}>
            {open === row.key ? (
              form(row.key, row.trait)
            ) : (
              <TriedTrait
                row={row}
                onEdit={() => setOpen(row.key)}
                onRemove={() => onChange(withoutTrait(hypothesis, row.key, stored))}
                onRestore={() => onChange(restored(hypothesis, row.key))}
              />
            )}
          </li>
        ))}
        <li className={classes["tried"]}>
          {open === "" ? (
            form("", undefined)
          ) : (
            <Button variant="default" size="xs" onClick={() => setOpen("")}>
              Add a trait
            </Button>
          )}
        </li>
      </ul>
      {more}
    </section>
  );
}

interface TriedTraitProps {
  readonly row: HypotheticalTrait;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
  readonly onRestore: () => void;
}

const STATE_WORDS = { stored: undefined, changed: "changed", added: "added", removed: "left out" } as const;

function TriedTrait({ row, onEdit, onRemove, onRestore }: TriedTraitProps) {
  const { key, trait, state } = row;
  const word = STATE_WORDS[state];
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
        <span style={{ minWidth: 0 }}>
          <span className={classes["key"]}>{key}</span>{" "}
          {word !== undefined && <span className={classes["changedMark"]}>{word}</span>}
        </span>
        <Group gap={4} wrap="nowrap">
          {state !== "removed" && (
            <Button variant="subtle" size="compact-xs" onClick={onEdit} aria-label={`Change ${key}`}>
              Change
            </Button>
          )}
          {state === "stored" ? (
            <Button variant="subtle" size="compact-xs" onClick={onRemove} aria-label={`Leave out ${key}`}>
              Leave out
            </Button>
          ) : (
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={onRestore}
              aria-label={`${state === "added" ? "Drop" : "Put back"} ${key}`}
            >
              {state === "added" ? "Drop" : "Put back"}
            </Button>
          )}
        </Group>
      </Group>
      {trait && (
        <code
          style={{
            overflowWrap: "anywhere",
            fontSize: 13,
            textDecoration: state === "removed" ? "line-through" : "none",
          }}
        >
          {textOf(trait)}
        </code>
      )}
    </Stack>
  );
}

interface OutcomeProps {
  readonly before: Explanation;
  readonly after: Explanation;
  readonly isStale: boolean;
}

const inWords = (names: readonly string[]): string => names.join(", ");

function Outcome({ before, after, isStale }: OutcomeProps) {
  const [isAll, setIsAll] = useState(false);
  const pairs = pairFlags(before.flags, rightFrom(after.flags));
  const changed = pairs.filter(({ isChanged }) => isChanged);
  const was = new Set(before.segments.filter(({ is_member }) => is_member).map(({ id }) => id));
  const joined = after.segments.filter(({ id, is_member }) => is_member && !was.has(id)).map(({ name }) => name);
  const left = after.segments.filter(({ id, is_member }) => !is_member && was.has(id)).map(({ name }) => name);
  return (
    <section aria-label="What would come of it" style={{ opacity: isStale ? 0.6 : 1 }}>
      <Group justify="space-between" mb="sm">
        <Title order={2} aria-live="polite">
          {changed.length === 0
            ? "No flag would change"
            : `${changed.length} ${changed.length === 1 ? "flag" : "flags"} would change`}
        </Title>
        <Switch label="Show all" checked={isAll} onChange={(event) => setIsAll(event.currentTarget.checked)} />
      </Group>
      {joined.length > 0 && <Text mb={4}>Would join: {inWords(joined)}</Text>}
      {left.length > 0 && <Text mb={4}>Would leave: {inWords(left)}</Text>}
      {(isAll ? pairs : changed).length > 0 && (
        <FlagPairList
          label="Flags now and then"
          pairs={isAll ? pairs : changed}
          leftName="Now"
          rightName="Then"
          changedWord="would change"
        />
      )}
    </section>
  );
}
