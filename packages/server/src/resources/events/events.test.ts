import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestApp, type TestApp } from "../../testing/index.ts";
import { oneEnvironment } from "../../testing/one-environment.ts";
import { createEventsStore } from "./events.store.ts";

const NOW = Date.UTC(2026, 5, 1);
let app: TestApp;

beforeAll(async () => {
  app = await createTestApp({ now: () => NOW });
  await app.importDocument(oneEnvironment("eventsKey"));
});

afterAll(() => app.close());

const post = (body: unknown, key: string | null = "eventsKey") =>
  app.request("/v1/events", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key === null ? {} : { "X-Environment-Key": key }) },
    body: JSON.stringify(body),
  });

const exposure = { event: "$flag_exposure", feature_name: "f", identifier: "ana", timestamp: NOW, traits: { n: 1 } };

test("stores what is sound, names what is not, and answers 202", async () => {
  const answer = await post({ events: [exposure, { event: "$unknown", timestamp: NOW }] });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ accepted: 1, rejected: [{ index: 1 }] });
  const rows = await app.db.kysely.selectFrom("events").selectAll().execute();
  expect(rows).toMatchObject([
    {
      environment_id: 1,
      event: "$flag_exposure",
      feature_name: "f",
      identifier: "ana",
      traits: '{"n":1}',
      occurred_at: NOW,
    },
  ]);
});

test("refuses an empty list, a missing key and an unknown one in this route's own words", async () => {
  const empty = await post({ events: [] });
  expect([empty.status, await empty.json()]).toEqual([400, { error: "events must be non-empty" }]);
  const missing = await post({ events: [exposure] }, null);
  expect([missing.status, await missing.text()]).toEqual([401, "Missing or invalid X-Environment-Key header"]);
  const unknown = await post({ events: [exposure] }, "nope");
  expect([unknown.status, await unknown.text()]).toEqual([403, "Unknown environment key"]);
});

test("events are forgotten once they are old enough, and not before", async () => {
  const store = createEventsStore(app.db, () => NOW + 10_000);
  await store.add(1, [
    { event: "late", featureName: null, identifier: null, value: null, traits: null, metadata: null, timestamp: NOW },
  ]);
  expect(await store.forget(5_000)).toBeGreaterThanOrEqual(1);
  const left = await app.db.kysely.selectFrom("events").select("event").execute();
  expect(left).toEqual([{ event: "late" }]);
});
