/** What streams say, byte for byte. */
import { epochSeconds } from "../../documents/load.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import type { Revision } from "./history.ts";
import type { Listener } from "./listeners.ts";

/** What a server-side key is told of why; a client-side one hears that something changed, and no more. */
export type Occasion = "configuration" | "traits";

type State = Pick<LoadedEnvironment, "revision" | "updatedAt" | "realtime">;

const dataOf = ({ revision, updatedAt }: Revision): string =>
  `{"revision":${revision},"updated_at":${epochSeconds(updatedAt)}}`;

const named = (event: string, state: Revision): string =>
  `id: ${state.revision}\nevent: ${event}\ndata: ${dataOf(state)}\n\n`;

export const sayRevision = (state: Revision): string => named("change", state);
export const sayReady = (state: Revision): string => named("ready", state);
/** Too old to be replayed, or from another history: everything has to be fetched anew. */
export const sayReset = (state: Revision): string => named("reset", state);

/** undefined where the project does not want SDKs told; who asked by OFREP was told where to listen, so is told. */
export function sayChanged(
  { dialect, isServer }: Pick<Listener, "dialect" | "isServer">,
  state: State,
  occasion: Occasion,
): string | undefined {
  const { realtime, revision, updatedAt } = state;
  switch (dialect) {
    case "flagsmith":
      return realtime ? `event: environment_updated\ndata: {"updated_at": ${epochSeconds(updatedAt)}}\n\n` : undefined;
    case "ofrep": {
      const data = { type: "refetchEvaluation", etag: String(revision), lastModified: Math.floor(updatedAt / 1000) };
      return `id: ${revision}\nevent: message\ndata: ${JSON.stringify(data)}\n\n`;
    }
    case "environment":
      return sayRevision(state);
    case "identity":
      return `event: changed\ndata: ${isServer ? JSON.stringify({ occasion, revision }) : "{}"}\n\n`;
  }
}

/** undefined = none was sent; null = one that we never gave. */
export function lastEventId(request: Request): number | null | undefined {
  const sent = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("last_event_id");
  if (sent === null || sent === "") return undefined;
  return /^\d{1,15}$/.test(sent) ? Number(sent) : null;
}
