/**
 * The conformance data once more, through import and the runtime API: what the engine gets right in memory must also come right
 * after a document was read, stored, loaded and asked for over HTTP.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
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
  readonly value: unknown;
  readonly trait?: string | number | boolean | null;
  readonly matches: boolean;
}

describe.if(hasConformance)("operators", () => {
  const all = hasConformance ? (readConformance("engine/operators.json") as OperatorRow[]) : [];
  // A condition's value is a text in environment documents; the few rows with lists are for engines that are called directly.
  const rows = all.filter((row) => typeof row.value === "string");
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
        rules: [{ type: "ALL", conditions: [{ property: "p", operator: row.operator, value: String(row.value) }] }],
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

describe.if(hasConformance)("cases", () => {
  const names = hasConformance ? readdirSync(`${conformanceFolder}/engine/cases`).sort() : [];
  const cases = names.map((name) => ({
    name: name.replace(".json", ""),
    ...(readConformance(`engine/cases/${name}`) as {
      context: Context;
      result: { flags: Record<string, unknown>; segments: { name: string }[] };
    }),
  }));
  const over = cases.filter(({ context }) => whyNotOverHttp(context) === undefined);

  test("most cases can be asked over HTTP", () => {
    expect(over.length).toBeGreaterThan(cases.length * 0.7);
  });

  for (const { name, context, result } of over) {
    test(name, async () => {
      const served = await serveTestApp();
      try {
        const { document, probes } = documentOf(context);
        await served.importDocument(document, serverKey());
        const { identifier = "", traits = {} } = context.identity ?? {};
        const flags = await identify(served, serverKey(), identifier, traits);
        const segments = [...probes].filter(([probe]) => flags[probe]?.[0]).map(([, segment]) => segment);
        expect(segments.sort()).toEqual(result.segments.map((segment) => segment.name).sort());
        for (const probe of probes.keys()) delete flags[probe];
        const expected = Object.entries(
          result.flags as Record<string, { enabled: boolean; value: unknown; variant: string | null }>,
        );
        expect(flags).toEqual(
          Object.fromEntries(
            expected.map(([flag, { enabled, value, variant }]) => [flag, [enabled, value, variant]]),
          ) as never,
        );
      } finally {
        await served.close();
      }
    });
  }
});
