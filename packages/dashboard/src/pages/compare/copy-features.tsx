/** Copies defaults from one environment to another, one feature at a time; what fails is named, the rest goes on. */
import { List } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Environment } from "../../api/types.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { type Flag, flagPath, patchFlag } from "../features/feature-queries.ts";
import { isAsSeen, type Pair, patchOf, type Side } from "./pairs.ts";

export interface CopyFeaturesProps {
  readonly chosen: readonly Pair[];
  readonly from: Environment;
  readonly to: Environment;
  /** Which side of a pair the target is. */
  readonly target: "left" | "right";
  readonly onCopied: () => void;
}

interface Step {
  readonly pair: Pair;
  readonly before: Side;
  readonly wanted: Side;
}

const plural = (count: number): string => (count === 1 ? "1 feature" : `${count} features`);

async function copyOne(environmentKey: string, { pair, before, wanted }: Step): Promise<void> {
  const now = await api.get<Flag>(flagPath(environmentKey, pair.id));
  if (!isAsSeen(now, before)) throw new Error("somebody else has changed it meanwhile; look again");
  await patchFlag(environmentKey, pair.id, patchOf(before, wanted));
}

/** One after the other: a server is not asked for a hundred writes at once. */
async function copyAll(environmentKey: string, steps: readonly Step[]) {
  const done: Step[] = [];
  const failed: string[] = [];
  for (const step of steps) {
    try {
      await copyOne(environmentKey, step);
      done.push(step);
    } catch (error) {
      failed.push(`${step.pair.name}: ${messageOf(error)}`);
    }
  }
  return { done, failed };
}

export function CopyFeatures({ chosen, from, to, target, onCopied }: CopyFeaturesProps) {
  const client = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const may = usePermissions(to.api_key).may("UPDATE_FEATURE_STATE");
  const steps = chosen.map(
    (pair): Step => ({ pair, before: pair[target], wanted: pair[target === "left" ? "right" : "left"] }),
  );
  const stale = () => client.invalidateQueries({ queryKey: queryKeys.environment(to.api_key) });
  const copy = async () => {
    const { done, failed } = await copyAll(to.api_key, steps);
    await stale();
    const undo = async () => {
      const back = done.map(({ pair, before, wanted }) => ({ pair, before: wanted, wanted: before }));
      const outcome = await copyAll(to.api_key, back);
      await stale();
      if (outcome.failed.length > 0) throw new Error(outcome.failed.join("; "));
    };
    // "No value" cannot be written, so it could neither be taken back.
    const hasWay = done.every(({ before, wanted }) => before.value === wanted.value || before.value !== null);
    const said = `Copied ${plural(done.length)} to ${to.name}.`;
    if (done.length > 0) notifyDone(said, hasWay ? { undo } : {});
    if (failed.length > 0) notifyError(new Error(failed.join("; ")), "Some were left as they are");
    onCopied();
  };
  return (
    <>
      <GatedButton may={may} disabled={chosen.length === 0} onClick={() => setIsAsked(true)}>
        {chosen.length === 0 ? `Copy to ${to.name}` : `Copy ${plural(chosen.length)} to ${to.name}`}
      </GatedButton>
      <ConfirmDanger
        opened={isAsked}
        onClose={() => setIsAsked(false)}
        title={`Copy ${plural(chosen.length)} from ${from.name} to ${to.name}?`}
        confirmLabel={`Copy to ${to.name}`}
        destroys={[]}
        production={environmentLook(to).isProduction ? to.name : undefined}
        onConfirm={copy}
      >
        What everybody gets in {to.name} changes. Segment overrides, splits and identity overrides stay as they are.
        <List mt="sm">
          {steps.map((step) => (
            <List.Item key={step.pair.id}>
              <Change {...step} />
            </List.Item>
          ))}
        </List>
      </ConfirmDanger>
    </>
  );
}

function Change({ pair, before, wanted }: Step) {
  const word = (enabled: boolean) => (enabled ? "on" : "off");
  return (
    <>
      <strong style={{ overflowWrap: "anywhere" }}>{pair.name}</strong>
      {before.enabled !== wanted.enabled && ` ${word(before.enabled)} → ${word(wanted.enabled)}`}
      {before.value !== wanted.value && (
        <>
          {" "}
          <ValueText value={before.value} longest={28} /> → <ValueText value={wanted.value ?? ""} longest={28} />
        </>
      )}
    </>
  );
}
