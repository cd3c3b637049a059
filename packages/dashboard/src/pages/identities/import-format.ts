/** Files of identities: how they are told apart, and what they look like. */

export type ImportFormat = "csv" | "ndjson";

/** By the name's end; undefined where it tells nothing. */
export function importFormatOf(name: string): ImportFormat | undefined {
  if (/\.csv$/i.test(name)) return "csv";
  return /\.(ndjson|jsonl)$/i.test(name) ? "ndjson" : undefined;
}

interface Sample {
  readonly text: string;
  readonly words: string;
}

export const SAMPLES: Readonly<Record<ImportFormat, Sample>> = {
  csv: {
    text: "identifier,plan,age,zip:string,override:new_search\nana@shop.io,pro,34,01067,on\n7f3c9a1e,free,,10115,\n",
    words:
      "The first column is the identifier, each other one a trait. Types are guessed; “zip:string” says one. A column “override:FEATURE” overrides that feature with on, off or a value. An empty cell leaves things alone.",
  },
  ndjson: {
    text: '{"identifier": "ana@shop.io", "traits": {"plan": "pro", "age": 34}}\n{"identifier": "7f3c9a1e", "traits": {"plan": null}, "overrides": [{"feature": "new_search", "enabled": true}]}\n',
    words:
      "One identity a line. A trait that is null is taken away; overrides may have a value or a variant, a reason and an end.",
  },
};
