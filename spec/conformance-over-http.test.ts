/**
 * The conformance data once more, through import and the runtime API: what the engine gets right in memory must also come right
 * after a document was read, stored, loaded and asked for over HTTP.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { type Context, documentOf, whyNotOverHttp } from "./case-document.ts";
import { conformanceFolder, hasConformance, readConformance, sayIfSkipped } from "./conformance.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";
import { flagRows } from "./wire-case.ts";

sayIfSkipped("conformance-over-http.test.ts");

type FlagRows = ReturnType<typeof flagRows>;

async function identify(
  served: ServedApp,
  key: string,
  identifier: string,
  traits: Record<string, unknown>,
): Promise<FlagRows> {
  const response = await fetch(`${served.api}identities/`, {
    method: "POST",
    headers: { "X-Environment-Key": key, "Content-Type": "application/json" },
    body: JSON.stringify({
      identifier,
      traits: Object.entries(traits).map(([trait_key, trait_value]) => ({ trait_key, trait_value, transient: true })),
    }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return flagRows(JSON.parse(text));
}

interface OperatorRow {
  readonly operator: string;
  readonly value: string | readonly unknown[];
  readonly trait?: string | number | boolean | null;
  readonly matches: boolean;
}

describe.if(hasConformance)("operators", () => {
  const rows = hasConformance ? (readConformance("engine/operators.json") as OperatorRow[]) : [];
  const textOf = ({ operator, value }: OperatorRow) => `${operator} ${JSON.stringify(value)}`;
  const conditions = [...new Map(rows.map((row) => [textOf(row), row])).values()];
  // Feature names count in any case, and the conditions have texts that differ only by case.
  const places = new Map(conditions.map((row, i) => [textOf(row), i]));
  const nameOf = (row: OperatorRow) => `${places.get(textOf(row))}: ${textOf(row)}`;
  let served: ServedApp;

  beforeAll(async () => {
    served = await serveTestApp();
    const document = buildDocument({
      features: conditions.map((row) => ({ name: nameOf(row) })),
      segments: conditions.map((row) => ({
        name: nameOf(row),
        rules: [{ type: "ALL", conditions: [{ property: "p", operator: row.operator, value: row.value }] }],
        overrides: [{ feature: nameOf(row), enabled: true }],
      })),
    });
    await served.importDocument(document, serverKey());
  });
  afterAll(() => served.close());

  const byTrait = Map.groupBy(rows, (row) => ("trait" in row ? JSON.stringify(row.trait) : "no trait"));
  for (const [trait, group] of byTrait) {
    test(`${group.length} conditions on ${trait}`, async () => {
      const traits = trait === "no trait" ? {} : { p: group[0]?.trait };
      const flags = await identify(served, clientKey(), `asks-with-${trait}`, traits);
      const wrong = group.filter((row) => flags[nameOf(row)]?.[0] !== row.matches).map((row) => nameOf(row));
      expect(wrong).toEqual([]);
    });
  }
});

interface EngineCase {
  readonly name: string;
  readonly context: Context;
  readonly result: {
    readonly flags: Readonly<Record<string, { enabled: boolean; value: unknown; variant: string | null }>>;
    readonly segments: readonly { readonly name: string }[];
  };
}

function ownCases(): EngineCase[] {
  const folder = join(import.meta.dir, "engine");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as EngineCase[]);
}

function publishedCases(): EngineCase[] {
  if (!hasConformance) return [];
  return readdirSync(`${conformanceFolder}/engine/cases`).map((file) => ({
    ...(readConformance(`engine/cases/${file}`) as EngineCase),
    name: file.replace(".json", ""),
  }));
}

async function runOverHttp({ context, result }: EngineCase): Promise<void> {
  const served = await serveTestApp();
  try {
    const { document, probes } = documentOf(context);
    await served.importDocument(document, serverKey());
    const { identifier = "", traits = {} } = context.identity ?? {};
    const flags = await identify(served, serverKey(), identifier, traits);
    const segments = [...probes].filter(([probe]) => flags[probe]?.[0]).map(([, segment]) => segment);
    expect(segments.sort()).toEqual(result.segments.map((segment) => segment.name).sort());
    for (const probe of probes.keys()) delete flags[probe];
    const rows = Object.entries(result.flags).map(([name, flag]) => [name, [flag.enabled, flag.value, flag.variant]]);
    expect(flags).toEqual(Object.fromEntries(rows) as never);
  } finally {
    await served.close();
  }
}

describe.each([
  ["our own cases", ownCases()],
  ["published cases", publishedCases()],
])("%s", (_, cases) => {
  const asked = cases.filter(({ context }) => whyNotOverHttp(context) === undefined);
  test.each(asked.map((engineCase) => [engineCase.name, engineCase] as const))("%s", async (__, engineCase) => {
    await runOverHttp(engineCase);
  });

  test.if(cases.length > 0)("most of them can be asked over HTTP", () => {
    expect(asked.length).toBeGreaterThan(cases.length / 2);
  });
});
