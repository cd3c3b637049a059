/** A query's text cut where its look changes. */
import type { QueryToken } from "@burgee/contract/query";
import type { Spot } from "../../api/errors.ts";

export interface QueryPiece {
  readonly from: number;
  readonly text: string;
  readonly kind: QueryToken["kind"] | undefined;
  readonly isWrong: boolean;
}

/** All of `text`, in order. A fault of no length marks the letter before it, so that there is something to see. */
export function piecesOf(text: string, tokens: readonly QueryToken[], spot: Spot | undefined): QueryPiece[] {
  const end = spot ? spot.position + spot.length : 0;
  const from = spot && spot.length === 0 ? Math.max(0, spot.position - 1) : (spot?.position ?? 0);
  const cuts = new Set([0, text.length]);
  for (const { position, length } of tokens) cuts.add(position).add(position + length);
  if (spot) cuts.add(from).add(end);
  const places = [...cuts].filter((place) => place >= 0 && place <= text.length).sort((a, b) => a - b);
  return places.slice(0, -1).map((start, index) => {
    const stop = places[index + 1] ?? text.length;
    const token = tokens.find(({ position, length }) => position <= start && stop <= position + length);
    return {
      from: start,
      text: text.slice(start, stop),
      kind: token?.kind,
      isWrong: spot !== undefined && from <= start && stop <= end && from < end,
    };
  });
}
