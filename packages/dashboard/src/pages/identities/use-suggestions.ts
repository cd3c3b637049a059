/** What fits at the cursor of a query: traits, their values, segments, features, and words of the language. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { api, apiPath } from "../../api/client.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { Paged } from "../../api/types.ts";
import { valueInOneLine } from "../../components/value-format.ts";
import { catalogueQuery, traitValuesQuery } from "../segments/segment-queries.ts";
import { type Completion, writeFeature, writeKey, writeName, writeSegment, writeValue } from "./completion.ts";

export interface Suggestion {
  /** What is put in. */
  readonly word: string;
  readonly label: string;
  readonly hint: string;
}

const AGES = ["1d", "7d", "30d", "90d"] as const;

const LANGUAGE: readonly Suggestion[] = [
  { word: "has:override", label: "has:override", hint: "has an override of its own" },
  { word: "segment:", label: "segment:", hint: "is in a segment" },
  { word: "last_seen<", label: "last_seen<30d", hint: "seen in the last 30 days" },
  { word: "last_seen>", label: "last_seen>90d", hint: "not seen for 90 days" },
  { word: "created<", label: "created<7d", hint: "created in the last 7 days" },
  { word: "has(", label: "has(trait)", hint: "has a trait" },
  { word: "has:override(", label: "has:override(feature)", hint: "overridden for this feature" },
  { word: "identifier:", label: "identifier:", hint: "this identifier, or a beginning with *" },
  { word: "not", label: "not", hint: "turns the next condition round" },
  { word: "or", label: "or", hint: "one or the other" },
];

const MOST = 12;
const fits = (label: string, typed: string): boolean => label.toLowerCase().includes(typed.toLowerCase());
/** What begins so comes before what only holds it. */
const byFit = (typed: string) => (a: Suggestion, b: Suggestion) =>
  Number(b.label.toLowerCase().startsWith(typed.toLowerCase())) -
  Number(a.label.toLowerCase().startsWith(typed.toLowerCase()));

interface Named {
  readonly id: number;
  readonly name: string;
}

function useNamed(projectId: number, what: "segments" | "features", q: string, enabled: boolean) {
  const { data } = useQuery({
    queryKey: [...queryKeys.project(projectId), "named", what, q],
    queryFn: ({ signal }) =>
      api.get<Paged<Named>>(
        what === "segments" ? apiPath`/projects/${projectId}/segments/` : apiPath`/projects/${projectId}/features/`,
        { signal, query: { [what === "segments" ? "q" : "search"]: q, page_size: MOST } },
      ),
    enabled,
    retry: false,
    staleTime: 30_000,
  });
  return data?.results ?? [];
}

const SPECIAL: ReadonlySet<string> = new Set(["segment", "created", "last_seen", "has", "identifier"]);

export function useSuggestions(
  environmentKey: string,
  projectId: number,
  at: Completion,
  isOpen: boolean,
): Suggestion[] {
  const [typed] = useDebouncedValue(at.typed, 80);
  const key = at.kind === "value" ? at.key : "";
  const asksKeys = isOpen && (at.kind === "key" || at.kind === "trait");
  const asksValues = isOpen && key !== "" && !SPECIAL.has(key);
  const traits = useQuery({ ...catalogueQuery(environmentKey, typed), enabled: asksKeys, retry: false });
  const values = useQuery({ ...traitValuesQuery(environmentKey, key, typed), enabled: asksValues });
  const segments = useNamed(projectId, "segments", typed, isOpen && key === "segment");
  const features = useNamed(projectId, "features", typed, isOpen && at.kind === "feature");
  if (!isOpen) return [];
  const keys = (traits.data?.results ?? []).filter((trait) => fits(trait.key, at.typed));
  switch (at.kind) {
    case "key": {
      const known = keys.map((trait) => ({ word: writeKey(trait.key), label: trait.key, hint: "trait" }));
      const words = LANGUAGE.filter(({ label }) => fits(label, at.typed));
      return [...known, ...words].sort(byFit(at.typed)).slice(0, at.typed === "" ? MOST + 4 : MOST);
    }
    case "trait":
      return keys.slice(0, MOST).map((trait) => ({ word: writeName(trait.key), label: trait.key, hint: "trait" }));
    case "feature":
      return features.map(({ name }) => ({ word: writeFeature(name), label: name, hint: "feature" }));
    default:
      if (key === "segment")
        return segments.map(({ name }) => ({ word: writeSegment(name), label: name, hint: "segment" }));
      if (key === "has") return [{ word: "override", label: "override", hint: "has an override of its own" }];
      if (key === "created" || key === "last_seen") {
        return AGES.filter((age) => age.startsWith(at.typed)).map((age) => ({ word: age, label: age, hint: "age" }));
      }
      return (values.data?.results ?? [])
        .filter(({ value }) => fits(String(value), at.typed))
        .slice(0, MOST)
        .map(({ value, count }) => ({
          word: writeValue(value),
          label: valueInOneLine(value, 60),
          hint: count >= 1000 ? "1,000 or more" : String(count),
        }));
  }
}
