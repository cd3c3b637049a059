/** How many, in words: exact to the last one, or honestly about. */

export interface Count {
  readonly count: number;
  readonly exact: boolean;
}

const exact = new Intl.NumberFormat("en-GB");
const rough = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const sayNumber = (count: number): string => exact.format(count);

/** "12,480", or "about 1.2M". */
export const sayCount = ({ count, exact: isExact }: Count): string =>
  isExact ? sayNumber(count) : `about ${count < 10_000 ? sayNumber(count) : rough.format(count)}`;

export const sayIdentities = (count: number): string =>
  `${sayNumber(count)} ${count === 1 ? "identity" : "identities"}`;

/** What a search found: a first page with nothing behind it was counted by looking. */
export const foundOf = (
  page:
    | { readonly results: readonly unknown[]; readonly next: string | null; readonly total: Count | null }
    | undefined,
  isFirst: boolean,
): Count | null | undefined =>
  page?.next === null && isFirst ? { count: page.results.length, exact: true } : page?.total;

/** "12,480 of about 1.2M identities"; undefined while nothing is known. */
export function sayTotal(found: Count | null | undefined, all: Count | null | undefined, isAll: boolean): string {
  const known = isAll ? (all ?? found) : found;
  const noun = known?.count === 1 && isAll ? "identity" : "identities";
  if (isAll) return known ? `${sayCount(known)} ${noun}` : "";
  const of = all ? ` of ${sayCount(all)} identities` : " found";
  return known ? `${sayCount(known)}${of}` : all ? `of ${sayCount(all)} identities` : "";
}
