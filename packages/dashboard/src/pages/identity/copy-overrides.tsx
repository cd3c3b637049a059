import type { overridesCloneSchema } from "@burgee/contract/admin";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { notifyDone } from "../../components/notify.tsx";
import type { FlagPair } from "./flag-pairs.ts";
import { recordPath } from "./identity-queries.ts";
import type { IdentityPlace } from "./use-identity.ts";

type Cloned = z.infer<typeof overridesCloneSchema>;

export interface CopyOverridesProps {
  readonly place: IdentityPlace;
  readonly other: string;
  /** here = from the other to this one. */
  readonly direction: "here" | "there";
  readonly chosen: readonly FlagPair[];
  readonly onCopied: () => void;
}

/** Names what is written over before it is. */
export function CopyOverrides({ place, other, direction, chosen, onCopied }: CopyOverridesProps) {
  const client = useQueryClient();
  const [isAsked, setIsAsked] = useState(false);
  const [from, to] = direction === "here" ? [other, place.identifier] : [place.identifier, other];
  const lost = chosen.filter((pair) => (direction === "here" ? pair.left : pair.right)?.source === "override");
  const count = `${chosen.length} ${chosen.length === 1 ? "override" : "overrides"}`;
  const copy = async () => {
    const features = chosen.map(({ feature }) => String(feature.id));
    const done = await api.post<Cloned>(`${recordPath(place.environmentKey, to)}overrides/clone/`, { from, features });
    await client.invalidateQueries({ queryKey: queryKeys.environment(place.environmentKey) });
    onCopied();
    notifyDone(`Copied ${done.copied} to ${to}. Its activity can take each of them back.`);
  };
  return (
    <>
      <Button size="xs" disabled={chosen.length === 0} onClick={() => setIsAsked(true)}>
        {chosen.length === 0 ? "Copy" : `Copy ${count}`}
      </Button>
      <ConfirmDanger
        opened={isAsked}
        onClose={() => setIsAsked(false)}
        title={`Copy ${count} to ${to}?`}
        destroys={lost.map(({ feature }) => `what ${to} has as its override of ${feature.name}`)}
        confirmLabel="Copy overrides"
        production={place.production}
        onConfirm={copy}
      >
        {to} then gets, with their reasons and ends, what {from} gets of{" "}
        {chosen.map(({ feature }) => feature.name).join(", ")}.
      </ConfirmDanger>
    </>
  );
}
