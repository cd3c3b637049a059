/** The page of identities that the address asks for, with its columns. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePermissions } from "../../api/use-permissions.ts";
import { useCursorStack } from "../../components/use-cursor-stack.ts";
import { catalogueQuery } from "../segments/segment-queries.ts";
import { canBeColumn, defaultColumns, ordered } from "./columns.ts";
import { examplesFor } from "./examples.ts";
import { columnsFor } from "./identity-columns.tsx";
import { populationQuery, searchQuery } from "./search-queries.ts";

export const FIRST_SORT = "-created";

export interface ResultsAsked {
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

export function useResults(environmentKey: string, { q = "", sort = FIRST_SORT, columns: asked }: ResultsAsked) {
  const permissions = usePermissions(environmentKey);
  const seesTraits = permissions.may("VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS").isAllowed;
  const catalogue = useQuery({ ...catalogueQuery(environmentKey, ""), retry: false });
  const traits = catalogue.data?.results ?? [];
  const chosen = asked?.filter((id) => id.startsWith(".") || canBeColumn(id)) ?? [];
  const isKnown = chosen.length > 0 || catalogue.data !== undefined || catalogue.error !== null;
  const ids = chosen.length > 0 ? ordered(chosen) : isKnown ? defaultColumns(traits) : [];
  const stack = useCursorStack(`${environmentKey} ${q} ${sort}`);
  const segments = seesTraits && ids.includes(".segments");
  const found = useQuery({
    ...searchQuery(environmentKey, { q, sort, cursor: stack.cursor, segments }),
    enabled: isKnown && !permissions.isLoading,
  });
  const { data: population } = useQuery(populationQuery(environmentKey));
  const joined = ids.join();
  // A name with a comma is no column, so that they can be parted again.
  const table = useMemo(() => columnsFor(joined === "" ? [] : joined.split(",")), [joined]);
  return { ids, isKnown, table, stack, found, population, examples: examplesFor(traits) };
}
