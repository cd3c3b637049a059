/** The environment that the SDK tests share, and what they look up behind the API. */
import { buildDocument, type DocumentInput, serverKey } from "../builders.ts";
import { type ServedApp, serveTestApp } from "../serve-app.ts";

const input: DocumentInput = {
  id: 1,
  features: [
    { name: "Dark Mode", enabled: true },
    { name: "banner", enabled: true, value: "hello" },
    { name: "limit", enabled: true, value: 42 },
    { name: "ratio", enabled: true, value: true },
    { name: "layout", enabled: true, value: '{"columns":3}' },
    { name: "pro_only", enabled: false, value: "free" },
    { name: "colour", enabled: true, value: "grey", variants: [{ key: "b", value: "blue", weight: 100 }] },
    { name: "server_only", enabled: true, value: "s", serverKeyOnly: true },
  ],
  segments: [
    {
      name: "pros",
      conditions: [{ property: "plan", operator: "EQUAL", value: "pro" }],
      overrides: [{ feature: "pro_only", enabled: true, value: "pro" }],
    },
    {
      name: "grown-ups",
      conditions: [{ property: "age", operator: "GREATER_THAN_INCLUSIVE", value: "18" }],
      overrides: [{ feature: "banner", enabled: true, value: "hello, grown-up" }],
    },
  ],
  identities: [
    { identifier: "ann", overrides: [{ feature: "banner", enabled: true, value: "hello, Ann" }] },
    { identifier: "bob", overrides: [{ feature: "limit", enabled: false, value: 7 }] },
  ],
};

const sampleDocument = buildDocument(input);

/** Feature ids are 1001 and on, in the order above. */
export const featureIds = Object.fromEntries((input.features ?? []).map(({ name }, i) => [name, 1001 + i]));

/** For SDKs that log: what they have to say of provoked errors is not news. */
export const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

export async function serveSample(): Promise<ServedApp> {
  const served = await serveTestApp({ pollMs: 100 });
  await served.importDocument(sampleDocument, serverKey());
  return served;
}

/** null = there is no such identity. */
export async function storedTraits(served: ServedApp, identifier: string): Promise<Record<string, unknown> | null> {
  const row = await served.db.kysely
    .selectFrom("identities")
    .select("traits")
    .where("environment_id", "=", 1)
    .where("identifier", "=", identifier)
    .executeTakeFirst();
  return row === undefined ? null : JSON.parse(row.traits);
}

/** Evaluations reported so far, by feature. */
export async function storedUsage(served: ServedApp): Promise<Record<string, number>> {
  const rows = await served.db.kysely
    .selectFrom("feature_usage")
    .innerJoin("features", "features.id", "feature_usage.feature_id")
    .select(["features.name", "feature_usage.count", "feature_usage.sdk"])
    .execute();
  const usage: Record<string, number> = {};
  for (const { name, count, sdk } of rows) {
    const label = `${name} by ${sdk || "unknown"}`;
    usage[label] = (usage[label] ?? 0) + Number(count);
  }
  return usage;
}

/** Waits for something that another connection causes. */
export async function eventually(holds: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
