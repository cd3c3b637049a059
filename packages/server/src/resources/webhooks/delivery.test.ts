/** What becomes of an event when its receiver is slow, down, moving about or gone. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { startTestMailbox, type TestMailbox } from "../../testing/test-mailbox.ts";
import { type Received, startReceiver, type TestReceiver } from "../../testing/test-receiver.ts";
import { send } from "./delivery.ts";
import { createDeliveryWorker } from "./delivery-worker.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let stage: Stage;
let receiver: TestReceiver;
let mailbox: TestMailbox;
let environment: Body & { api_key: string };
let features: Body[];
let hook: Body;
let list: string;
let passed = 0;

const now = () => Date.now() + passed;
const settle = () => stage.app.app.deliveries.settle();
const later = async (ms: number) => {
  passed += ms;
  await settle();
};
/** Sets the feature's value, which is one event of its object. */
const change = async (value: string, feature = features[0] as Body) => {
  const page = await stage.send<{ results: Body[] }>(
    200,
    "GET",
    `/api/v1/environments/${environment.api_key}/featurestates/?feature=${feature.id}`,
  );
  const path = `/api/v1/environments/${environment.api_key}/featurestates/${page.results[0]?.id}/`;
  await stage.send(200, "PATCH", path, { feature_state_value: value });
};
const flagValue = ({ data }: Received) => (data["new_state"] as { feature_state_value: string }).feature_state_value;
const values = () => receiver.received.map(flagValue);
const shownHook = () => stage.send<Record<string, unknown>>(200, "GET", `${list}${hook.id}/`);
const deliveries = async (query = "") =>
  (await stage.send<{ results: Delivery[] }>(200, "GET", `${list}${hook.id}/deliveries/${query}`)).results;

interface Delivery {
  readonly id: number;
  readonly state: string;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly message_id: string;
  readonly next_attempt_at: string | null;
  readonly redelivery_of: number | null;
}

beforeAll(async () => {
  receiver = startReceiver();
  mailbox = await startTestMailbox();
  const mail = { url: mailbox.url, from: "Burgee <burgee@example.com>" };
  stage = await createStage({ privateWebhooks: true, now, accounts: { mail } });
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "Shop",
    organisation: stage.organisationId,
  });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Live", project: project.id });
  list = `/api/v1/environments/${environment.api_key}/webhooks/`;
  features = [];
  for (const name of ["one", "two"]) {
    features.push(await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name }));
  }
});
beforeEach(async () => {
  hook = await stage.send(201, "POST", list, { url: `${receiver.url}/hook`, secret: "s3cret" });
  receiver.clear();
});
afterEach(async () => {
  await stage.send(204, "DELETE", `${list}${hook.id}/`);
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
  await mailbox.stop();
});

const status = (code: number, headers: Record<string, string> = {}) => new Response("no", { status: code, headers });

describe("a failure", () => {
  test("of any kind is tried again, later and later, as the same message with a new signature", async () => {
    const answers = [500, 404, 302, 200];
    receiver.answer((_one, count) => status(answers[count - 1] ?? 200, { Location: `${receiver.url}/elsewhere` }));
    await change("v1");
    await settle();
    expect(receiver.received).toHaveLength(1);
    await later(MINUTE);
    await later(MINUTE);
    await later(5 * MINUTE);
    expect(receiver.received.map((one) => one.path)).toEqual(["/hook", "/hook", "/hook", "/hook"]);
    expect(new Set(receiver.received.map((one) => one.headers.get("webhook-id"))).size).toBe(1);
    expect(new Set(receiver.received.map((one) => one.headers.get("webhook-signature"))).size).toBe(4);
    expect(new Set(receiver.received.map((one) => one.headers.get("x-flagsmith-signature"))).size).toBe(1);
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ state: "delivered", attempts: 4, last_status: 200, last_error: null });
    const detail = await stage.send<{ tries: { status: number }[]; body: string; url: string }>(
      200,
      "GET",
      `${list}${hook.id}/deliveries/${delivery?.id}/`,
    );
    expect(detail.tries.map((one) => one.status)).toEqual([200, 302, 404, 500]);
    expect(detail).toMatchObject({
      url: `${receiver.url}/hook`,
      body: receiver.received[0]?.body,
      tries: expect.arrayContaining([
        expect.objectContaining({ number: 1, error: "It answered with status 500.", response_body: "no" }),
      ]),
    });
    expect(JSON.stringify(detail)).not.toContain("s3cret");
  });

  test("is not tried again before its time", async () => {
    receiver.answer(() => status(503, { "Retry-After": "600" }));
    await change("v2");
    await settle();
    await later(9 * MINUTE);
    expect(receiver.received).toHaveLength(1);
    await later(2 * MINUTE);
    expect(receiver.received).toHaveLength(2);
  });

  test("holds back what comes later about the same object, and nothing else", async () => {
    receiver.answer((one) => status(flagValue(one).startsWith("first") ? 500 : 200));
    await change("first");
    await change("second");
    await change("third");
    await change("other", features[1]);
    await settle();
    expect(values().sort()).toEqual(["first", "other"]);
    await later(MINUTE);
    expect(values().sort()).toEqual(["first", "first", "other"]);
    receiver.clear();
    await later(5 * MINUTE);
    expect(values()).toEqual(["first", "second", "third"]);
  });

  test("that lasts a day is given up, and what waited behind it goes on", async () => {
    receiver.answer((one) => status(flagValue(one) === "poison" ? 500 : 200));
    await change("poison");
    await change("antidote");
    await settle();
    for (let hours = 0; hours < 44; hours += 2) await later(2 * HOUR);
    expect(values().filter((value) => value === "antidote")).toHaveLength(1);
    expect(values().at(-1)).toBe("antidote");
    expect((await deliveries("?state=failed"))[0]).toMatchObject({ state: "failed", last_status: 500 });
    expect(await shownHook()).toMatchObject({ status: "active", failing_since: null });
  });

  test("is one where nobody listens, or the answer takes too long", async () => {
    await stage.send(200, "PATCH", `${list}${hook.id}/`, { url: "http://127.0.0.1:9/" });
    await change("to nobody");
    await settle();
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({
      state: "pending",
      attempts: 1,
      last_status: null,
      last_error: expect.any(String),
    });
    expect(await shownHook()).toMatchObject({ status: "failing", failing_since: expect.any(String), waiting: 1 });
  });
});

describe("a receiver", () => {
  test("that keeps silent is not waited for", async () => {
    receiver.answer(() => Bun.sleep(1000).then(() => status(200)));
    await change("patience");
    const { kysely } = stage.app.db;
    const row = await kysely.selectFrom("webhooks").selectAll().where("id", "=", hook.id).executeTakeFirstOrThrow();
    const rows = kysely.selectFrom("webhook_deliveries").selectAll().where("webhook_id", "=", hook.id);
    const sent = await send({ now, allowPrivate: true, timeoutMs: 100 }, row, await rows.executeTakeFirstOrThrow());
    expect(sent).toMatchObject({ state: "pending", isDelivered: false, isGone: false });
    expect(sent.attempt).toMatchObject({ status: null, error: "No answer within 0.1 seconds.", response_body: null });
    expect(sent.attempt.duration_ms).toBeLessThan(900);
  });

  test("hears each event once, though several workers look for it at the same moment", async () => {
    const { db, app } = stage.app;
    const deps = { db, changes: app.changes, now, allowPrivate: true, pollMs: 0, keepDays: 14 };
    const errors: unknown[] = [];
    const others = [1, 2, 3].map(() =>
      createDeliveryWorker({ ...deps, log: () => {}, onError: (error) => void errors.push(error) }),
    );
    for (let i = 0; i < 15; i += 1) await change(`value ${i}`, features[i % 2]);
    await Promise.all(others.map((worker) => worker.settle()));
    // Whoever came last to an object found its earlier event under way, and went home.
    await settle();
    expect(errors).toEqual([]);
    expect(values().toSorted()).toEqual(Array.from({ length: 15 }, (_, i) => `value ${i}`).toSorted());
    for (const parity of [0, 1]) {
      const own = values().filter((value) => Number(value.slice(6)) % 2 === parity);
      expect(own).toEqual(own.toSorted((a, b) => Number(a.slice(6)) - Number(b.slice(6))));
    }
    await Promise.all(others.map((worker) => worker.close()));
  });
});

describe("an answer", () => {
  test("of any length is cut, and of any bytes is kept", async () => {
    receiver.answer(
      () =>
        new Response(
          new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4096).map((_, i) => i % 256)) }),
        ),
    );
    await change("huge");
    await settle();
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ state: "delivered", last_status: 200 });
    const { tries } = await stage.send<{ tries: { response_body: string }[] }>(
      200,
      "GET",
      `${list}${hook.id}/deliveries/${delivery?.id}/`,
    );
    expect(tries[0]?.response_body.length).toBe(4000);
  });
});

describe("a webhook", () => {
  test("that answers 410 is stopped, and says so wherever somebody may look", async () => {
    const notice = { name: "ours", webhook_notification_email: "ops@example.com" };
    await stage.send(200, "PUT", `/api/v1/organisations/${stage.organisationId}/`, notice);
    receiver.answer(() => status(410));
    await change("gone");
    await change("after it");
    await settle();
    expect(values()).toEqual(["gone"]);
    expect(await shownHook()).toMatchObject({
      enabled: false,
      status: "disabled",
      disabled_at: expect.any(String),
      disabled_reason: "The receiver answered 410 Gone.",
      waiting: 1,
    });
    while (mailbox.mails.length === 0) await Bun.sleep(10);
    const [letter] = mailbox.mails;
    expect(letter?.to).toEqual(["ops@example.com"]);
    expect(letter?.source).toContain("410 Gone");
    expect(letter?.source).not.toContain("/hook");
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ actor: "webhooks", object_type: "webhook", object_id: String(hook.id) });
    expect(entry?.log).toContain("410");
    receiver.clear();
    await change("unheard");
    await later(HOUR);
    expect(values()).toEqual([]);
    const enabled = await stage.send<unknown>(200, "PATCH", `${list}${hook.id}/`, { enabled: true });
    expect(enabled).toMatchObject({ status: "active", disabled_at: null, disabled_reason: null });
    await settle();
    expect(values()).toEqual(["after it"]);
  });

  test("of which nothing arrives for three days is stopped; one success in between, and it is not", async () => {
    receiver.answer(() => status(500));
    await change("day one");
    for (let hours = 0; hours < 50; hours += 10) await later(10 * HOUR);
    receiver.clear();
    await change("better");
    await settle();
    expect(await shownHook()).toMatchObject({ status: "active" });
    receiver.answer(() => status(500));
    for (let day = 0; day < 3; day += 1) {
      await change(`day ${day}`);
      await later(2 * HOUR);
      expect(await shownHook()).toMatchObject({ enabled: true });
      await later(22 * HOUR);
    }
    await later(12 * HOUR);
    expect(await shownHook()).toMatchObject({
      status: "disabled",
      disabled_reason: "Nothing was delivered for three days.",
    });
  });
});

describe("a delivery", () => {
  test("can be asked for again: under its own id, or at once while it is pending", async () => {
    await change("again");
    await settle();
    const [first] = await deliveries();
    const again = `${list}${hook.id}/deliveries/${first?.id}/redeliver/`;
    const made = await stage.send(201, "POST", again);
    expect(made as unknown).toMatchObject({
      redelivery_of: first?.id,
      message_id: first?.message_id,
      state: "pending",
    });
    await settle();
    expect(receiver.received.map((one) => one.body)).toEqual([
      receiver.received[0]?.body,
      receiver.received[0]?.body,
    ] as string[]);
    expect((await stage.audit())[0]?.log).toContain("asked for again");
    receiver.answer(() => status(500));
    await change("pending");
    await settle();
    const [pending] = await deliveries();
    receiver.clear();
    await stage.send(200, "POST", `${list}${hook.id}/deliveries/${pending?.id}/redeliver/`);
    await settle();
    expect(values()).toEqual(["pending"]);
    expect(await deliveries()).toHaveLength(3);
  });

  test("is listed newest first, page by page, by state and by event", async () => {
    for (let i = 0; i < 5; i += 1) await change(`value ${i}`);
    await settle();
    const path = `${list}${hook.id}/deliveries/`;
    const first = await stage.send<{ results: Delivery[]; next: string }>(200, "GET", `${path}?limit=2`);
    const second = await stage.send<{ results: Delivery[]; next: string }>(
      200,
      "GET",
      `${path}?limit=2&cursor=${first.next}`,
    );
    const third = await stage.send<{ results: Delivery[]; next: null }>(
      200,
      "GET",
      `${path}?limit=2&cursor=${second.next}`,
    );
    const ids = [first, second, third].flatMap(({ results }) => results.map((one) => one.id));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(ids).toHaveLength(5);
    expect(third.next).toBeNull();
    expect(await deliveries("?state=pending")).toEqual([]);
    expect(await deliveries("?event=FLAG_DELETED")).toEqual([]);
    expect(await deliveries("?event=FLAG_UPDATED&state=delivered")).toHaveLength(5);
    for (const bad of [
      "?cursor=x",
      `?state=delivered&cursor=${first.next}`,
      "?limit=0",
      "?limit=201",
      "?state=lost",
      "?event=X",
    ]) {
      await stage.send(400, "GET", path + bad);
    }
  });

  test("is kept for two weeks", async () => {
    await change("old");
    await settle();
    expect(await deliveries()).toHaveLength(1);
    await later(15 * 24 * HOUR);
    expect(await deliveries()).toEqual([]);
    const left = await stage.app.db.kysely.selectFrom("webhook_attempts").selectAll().execute();
    expect(left).toEqual([]);
  });
});

test("an address that turned private since it was saved is not called", async () => {
  // When it was saved, nobody asked where it leads: it may lead elsewhere by now in any case.
  const own = await createStage({ resolveWebhook: async () => [{ address: "127.0.0.1", family: 4 }] });
  try {
    const project = await own.send(201, "POST", "/api/v1/projects/", { name: "P", organisation: own.organisationId });
    const place = await own.send(201, "POST", "/api/v1/environments/", { name: "E", project: project.id });
    const hooks = `/api/v1/environments/${place["api_key"]}/webhooks/`;
    const made = await own.send(201, "POST", hooks, { url: `http://rebound.example.com:${receiver.port}/hook` });
    await own.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: "f" });
    receiver.clear();
    await own.app.app.deliveries.settle();
    expect(receiver.received).toEqual([]);
    const page = await own.send<{ results: Delivery[] }>(200, "GET", `${hooks}${made.id}/deliveries/`);
    expect(page.results[0]).toMatchObject({ state: "pending", last_error: expect.stringContaining("own network") });
  } finally {
    await own.close();
  }
});
