/** Who asked, for work that goes on after the answer. */
import type { Caller } from "../access/caller.ts";

interface Asked {
  readonly actor: string;
  readonly requestId: string | null;
  readonly address?: string | null;
}

export const askerOf = (caller: Caller, { actor, requestId, address = null }: Asked) => ({
  actor,
  name: caller.name,
  requestId,
  address,
});
