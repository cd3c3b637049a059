import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { startReceiver } from "../../testing/test-receiver.ts";

let stage: Stage;
const keys: string[] = [];
const ids: number[] = [];
const who = 'eve+"x"%_@example.com';
const other = "adam@example.com";

beforeAll(async () => {
  stage = await createStage({ privateWebhooks: true });
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const features = `/api/v1/projects/${project.id}/features/`;
  const feature = await stage.send(201, "POST", features, { name: "banner" });
  const gone = await stage.send(201, "POST", features, { name: "gone" });
  for (const name of ["one", "two", "three"]) {
    const made = await stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id });
    keys.push(String(made["api_key"]));
    ids.push(made.id);
  }
  for (const key of keys.slice(0, 2)) {
    for (const identifier of [who, other]) {
      const base = `/api/v1/environments/${key}/identities/`;
      const identity = await stage.send(201, "POST", base, { identifier });
      const trait = { trait_key: "mail", string_value: identifier };
      await stage.send(201, "POST", `${base}${identity.id}/traits/`, trait);
      const override = { feature: feature.id, enabled: true, feature_state_value: `for ${identifier}` };
      await stage.send(201, "POST", `${base}${identity.id}/featurestates/`, override);
      const past = { ...override, feature: gone.id };
      await stage.send(201, "POST", `${base}${identity.id}/featurestates/`, past);
    }
  }
  // Its entry holds everybody's overrides, for undoing.
  await stage.send(204, "DELETE", `${features}${gone.id}/`);
  await stage.app.db.kysely
    .insertInto("events")
    .values({ environment_id: ids[2] ?? 0, received_at: 1, occurred_at: 1, event: "seen", identifier: who })
    .execute();
  const list = { type: "set_traits", traits: { vip: true }, identities: { identifiers: [who, other, `${who}2`] } };
  const job = await stage.send<{ id: string }>(202, "POST", `/api/v1/environments/${keys[0]}/jobs/`, list);
  await over(keys[0] ?? "", job.id);
});
afterAll(() => stage.close());

async function over(key: string, id: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const job = await stage.send<Body>(200, "GET", `/api/v1/environments/${key}/jobs/${id}/`);
    if (job["finished_date"] !== null) return;
    await Bun.sleep(25);
  }
}

const path = (what: string) => `/api/v1/organisations/${stage.organisationId}/${what}/`;

async function everything(): Promise<string> {
  const tables = await stage.app.db.kysely.introspection.getTables();
  const rows = await Promise.all(
    tables.map(({ name }) =>
      stage.app.db.kysely
        .selectFrom(name as "jobs")
        .selectAll()
        .execute(),
    ),
  );
  return JSON.stringify(rows);
}

test("a person is given all that is held about them, and nothing about others", async () => {
  const held = await stage.send<Record<string, unknown>>(200, "POST", path("subject-access"), { identifier: who });
  expect(held).toMatchObject({ identifier: who, complete: true });
  expect(held["environments"]).toMatchObject([
    {
      environment: { id: ids[0], name: "one" },
      identity: { traits: { mail: who, vip: true } },
      overrides: [{ feature: { name: "banner" }, enabled: true, value: `for ${who}` }],
    },
    { environment: { id: ids[1] }, identity: { traits: { mail: who } } },
    { environment: { id: ids[2] }, identity: null, events: [{ event: "seen" }] },
  ]);
  expect((held["audit"] as unknown[]).length).toBe(10);
  expect(JSON.stringify(held)).not.toContain(other);
});

test("erasure is tried, done, and leaves a receipt that holds nothing of it", async () => {
  const counted = await stage.send<Record<string, unknown>>(200, "POST", path("erasure"), {
    identifier: who,
    dry_run: true,
  });
  const environments = [
    { environment: ids[0], identities: 1, overrides: 1, events: 0 },
    { environment: ids[1], identities: 1, overrides: 1, events: 0 },
    { environment: ids[2], identities: 0, overrides: 0, events: 1 },
  ];
  expect(counted).toMatchObject({ erased_at: null, environments, audit_entries: 9 });
  expect(await everything()).toMatch(/eve\+[^,]{0,40}example\.com(?!2)/);
  const before = await stage.revision(ids[0] ?? 0);

  const receipt = await stage.send<Body & { readonly id: unknown }>(200, "POST", path("erasure"), { identifier: who });
  expect(receipt).toMatchObject({ environments, audit_entries: 9 });
  expect(receipt["identifier_hash"]).toBe(createHash("sha256").update(`${receipt.id}:${who}`).digest("hex"));
  expect(await stage.revision(ids[0] ?? 0)).toBeGreaterThan(before);
  const [entry] = await stage.audit();
  expect(entry).toMatchObject({ object_type: "erasure", object_id: String(receipt.id), action: "DELETE" });
  expect(JSON.parse(entry?.after ?? "null")).toEqual(receipt);

  // However it is escaped; another identifier begins like it, and is another person's.
  const isThere = /eve\+[^,]{0,40}example\.com(?!2)/;
  let left = await everything();
  // The index of searches follows its writes.
  for (let tries = 0; isThere.test(left) && tries < 200; tries++) {
    await Bun.sleep(50);
    left = await everything();
  }
  expect(isThere.exec(left)).toBeNull();
  expect(left).toMatch(/eve\+[^,]{0,40}example\.com2/);
  expect(left).toContain(other);

  const again = await stage.send<Body>(200, "POST", path("erasure"), { identifier: who });
  expect(again).toMatchObject({ environments: [], audit_entries: 0 });
});

test("only the organisation's administrators may", async () => {
  const member = await stage.client([{ scope: "environment", id: ids[0] ?? 0, isAdmin: true }]);
  await stage.refuses("POST", path("erasure"), { identifier: "x" }, [member]);
  await stage.refuses("POST", path("subject-access"), { identifier: "x" }, [member]);
});

test("what webhooks were told, and are told of the erasure itself, is emptied once it was sent", async () => {
  const receiver = startReceiver();
  receiver.answer(({ body }) => new Response(body));
  const key = keys[0] ?? "";
  const identities = `/api/v1/environments/${key}/identities/by-identifier`;
  const zoe = 'zoë "z"';
  try {
    await stage.send(201, "POST", path("webhooks"), { name: "all", url: receiver.url, enabled: true });
    const watching = { url: receiver.url, enabled: true, events: ["IDENTITY_CREATED", "IDENTITY_DELETED"] };
    await stage.send(201, "POST", `/api/v1/environments/${key}/webhooks/`, watching);
    const of = `${identities}/${encodeURIComponent(zoe)}`;
    await stage.send(201, "PUT", `${of}/`, { traits: { mail: "z@example.com" } });
    await stage.send(201, "PUT", `${of}/overrides/banner/`, { enabled: true, reason: "asked by zoë" });
    await stage.send(200, "POST", `${identities}/joe/overrides/clone/`, { from: zoe });
    await stage.app.app.deliveries.settle();
    expect(await everything()).toContain("zo\\");

    await stage.send(200, "POST", path("erasure"), { identifier: zoe });
    await stage.app.app.deliveries.settle();
    expect(receiver.of("IDENTITY_DELETED")).toMatchObject([{ data: { identity: { identifier: zoe } } }]);
    // The clone's reason is joe's now.
    const isThere = /zo(?:ë|\\+u00eb) \\*"z/;
    let left = await everything();
    for (let tries = 0; isThere.test(left) && tries < 200; tries++) {
      await Bun.sleep(50);
      left = await everything();
    }
    expect(isThere.exec(left)).toBeNull();
  } finally {
    await receiver.close();
  }
});
