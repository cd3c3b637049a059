/** Over the list: how many there are, or, once some are chosen, what can be done with them. */
import { Button, Group, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { EnvironmentDetail } from "../../api/types.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { GatedButton } from "../../components/gated-button.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { type Targets, targetsOf } from "./bulk-targets.ts";
import classes from "./identities.module.css";
import { type Count, sayCount, sayNumber } from "./totals.ts";

// Dialogs are fetched when one is first opened.
const BulkDialog = lazy(() => import("./bulk-dialog.tsx").then((m) => ({ default: m.BulkDialog })));
const BulkOverride = lazy(() => import("./bulk-override.tsx").then((m) => ({ default: m.BulkOverride })));
const BulkTrait = lazy(() => import("./bulk-trait.tsx").then((m) => ({ default: m.BulkTrait })));
const ExportDialog = lazy(() => import("./export-dialog.tsx").then((m) => ({ default: m.ExportDialog })));

export interface SelectionBarProps {
  readonly projectId: number;
  readonly environment: EnvironmentDetail;
  readonly selected: ReadonlySet<string>;
  readonly isAll: boolean;
  readonly q: string;
  readonly total: Count | null | undefined;
  /** Whether there is more than the page shows. */
  readonly hasMore: boolean;
  readonly onAll: () => void;
  readonly onClear: () => void;
}

type Action = "override" | "trait" | "export" | "delete";

export function SelectionBar(props: SelectionBarProps) {
  const { environment, selected, isAll, q, total, hasMore, onAll, onClear } = props;
  // Whom it was opened for: what is selected afterwards changes nothing of it.
  const [open, setOpen] = useState<{ readonly action: Action; readonly targets: Targets }>();
  const { may } = usePermissions(environment.api_key);
  const begin = (action: Action) => setOpen({ action, targets: targetsOf(selected, isAll, q) });
  const everybody = total ? sayCount(total) : "all";
  return (
    <>
      <section className={classes["bar"]} aria-label="Selection">
        <Group gap="sm">
          <Text fw={600} aria-live="polite">
            {isAll ? `All ${total ? sayCount(total) : ""} that match` : `${sayNumber(selected.size)} selected`}
          </Text>
          {!isAll && hasMore && (
            <Button variant="subtle" size="compact-sm" onClick={onAll}>
              Select {everybody === "all" ? "all" : `all ${everybody}`} that match
            </Button>
          )}
          <Button variant="subtle" size="compact-sm" onClick={onClear}>
            Clear
          </Button>
        </Group>
        <GatedButton
          may={may("UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES")}
          variant="default"
          size="xs"
          onClick={() => begin("override")}
        >
          Override a feature…
        </GatedButton>
        <GatedButton
          may={may("MANAGE_IDENTITIES", "MANAGE_TRAITS")}
          variant="default"
          size="xs"
          onClick={() => begin("trait")}
        >
          Set a trait…
        </GatedButton>
        <GatedButton
          may={may("VIEW_IDENTITIES", "MANAGE_IDENTITIES")}
          variant="default"
          size="xs"
          onClick={() => begin("export")}
        >
          Export…
        </GatedButton>
        <GatedButton
          may={may("MANAGE_IDENTITIES", "DELETE_IDENTITIES")}
          variant="outline"
          color="red"
          size="xs"
          onClick={() => begin("delete")}
        >
          Delete…
        </GatedButton>
      </section>
      <Suspense fallback={null}>{open && <Dialog {...props} {...open} onClose={() => setOpen(undefined)} />}</Suspense>
    </>
  );
}

interface DialogProps extends SelectionBarProps {
  readonly action: Action;
  readonly targets: Targets;
  readonly onClose: () => void;
}

function Dialog({ action, targets, environment, projectId, onClose, onClear }: DialogProps) {
  const environmentKey = environment.api_key;
  const production = environmentLook(environment).isProduction ? environment.name : undefined;
  const [isOver, setIsOver] = useState(false);
  const common = { environmentKey, production, targets, onClose, onEnd: () => setIsOver(true) };
  if (action === "export") {
    return <ExportDialog environmentKey={environmentKey} targets={targets} onClose={onClose} />;
  }
  if (action === "override") {
    return (
      <BulkDialog
        {...common}
        title="Override a feature"
        verb="Override for"
        form={(form) => <BulkOverride {...form} projectId={projectId} environment={environment} />}
      />
    );
  }
  if (action === "trait") {
    return (
      <BulkDialog
        {...common}
        title="Set a trait"
        verb="Change"
        form={(form) => <BulkTrait {...form} environmentKey={environmentKey} />}
      />
    );
  }
  return (
    <BulkDialog
      {...common}
      title="Delete identities"
      verb="Delete"
      isFinal
      // Those selected are gone then; before, this would close with the selection and nobody would see how it ended.
      onClose={() => {
        onClose();
        if (isOver) onClear();
      }}
      form={({ onReady, isBusy }) => (
        <CountDeleted
          onReady={() => onReady({ work: { type: "delete_identities" }, words: "Deleting" })}
          isBusy={isBusy}
          environment={environment.name}
        />
      )}
    />
  );
}

function CountDeleted({ onReady, isBusy, environment }: { onReady: () => void; isBusy: boolean; environment: string }) {
  return (
    <>
      <Text>
        They go from {environment}, with their traits and overrides. First they are counted; nothing is deleted yet.
      </Text>
      <Group justify="flex-end">
        <Button loading={isBusy} onClick={onReady} data-autofocus>
          Count first
        </Button>
      </Group>
    </>
  );
}
