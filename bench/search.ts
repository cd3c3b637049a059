/** The admin side's search: first pages of 50 over a million identities, and counts and estimates of a segment's members, on both stores. */

import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { createSearch } from "../packages/server/src/search/search.ts";
import { createAdminClient } from "../packages/server/src/testing/index.ts";
import { clientKey, environmentId } from "./documents.ts";
import { openFixture, SEED } from "./fixture.ts";
import { identityAt, shuffledIndexes } from "./identity-generator.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { startScript } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, percentile } from "./row.ts";

export const name = "search";

const DOCUMENT = "medium";
const COUNTRIES = ["DE", "US", "FR", "GB", "JP", "BR"];
const PLANS = ["free", "pro", "scale", "enterprise"];
const pick = (list: readonly string[], n: number): string => list[n % list.length] ?? "";

/** Broad and narrow ones of each kind, never the same twice in a row. */
const SHAPES: Readonly<Record<string, (n: number, identities: number) => string>> = {
  "identifier prefix": (n, identities) =>
    `identifier:user-${pick(["", "7", "42", "123", "9999"], n)}${n % identities}*`,
  "identifier contains": (n) => pick([`${n * 37}`, `er-${n}`, `${n % 10}${n % 7}99`, "user"], n),
  "one trait equal": (n, identities) =>
    pick(
      [
        `plan:${pick(PLANS, n >> 2)}`,
        `email:${identityAt(SEED, (n * 7919) % identities).traits.email}`,
        "beta:true",
        "plan:none",
      ],
      n,
    ),
  "one trait range": (n) => pick([`age>${16 + (n % 55)}`, `age>=74`, `age<${20 + n}`, "email>user99999"], n),
  "two traits": (n) =>
    pick(
      [
        `plan:${pick(PLANS, n)} age>${30 + (n % 40)}`,
        `country:${pick(COUNTRIES, n)} beta:false`,
        "age>74 age<76 plan:pro",
      ],
      n,
    ),
  "override of a feature": (n) => `has:override(feature_${n % 2 === 0 ? 1 : 2})`,
};

const CONDITION = (operator: string, property_: string, value: string) => ({ operator, property_, value });
const FIVE_CONDITIONS = {
  segmentId: 1,
  rules: [
    {
      type: "ALL" as const,
      rules: [],
      conditions: [
        CONDITION("IN", "plan", "pro,scale"),
        CONDITION("GREATER_THAN", "age", "30"),
        CONDITION("CONTAINS", "email", "@corp.io"),
        CONDITION("NOT_EQUAL", "country", "BR"),
        CONDITION("EQUAL", "beta", "false"),
      ],
    },
  ],
};

interface Place {
  readonly what: string;
  readonly url: string;
  readonly identities: number;
  readonly calls: number;
}

/** An organisation key that may do everything, overrides of two features for one identity in a hundred, and the index up to date. */
async function prepare({ url, identities }: Place, progress: BenchOptions["progress"]): Promise<string> {
  const db = await openDatabase(url);
  try {
    const { organisation_id, project_id } = await db.kysely
      .selectFrom("environments as e")
      .innerJoin("projects as p", "p.id", "e.project_id")
      .select(["p.organisation_id", "e.project_id"])
      .where("e.id", "=", environmentId(DOCUMENT))
      .executeTakeFirstOrThrow();
    const features = await db.kysely
      .selectFrom("features")
      .select("id")
      .where("project_id", "=", project_id)
      .where("name", "in", ["feature_1", "feature_2"])
      .execute();
    const chosen = shuffledIndexes(SEED, identities, Math.ceil(identities / 100));
    for (let at = 0; at < chosen.length; at += 500) {
      const names = chosen.slice(at, at + 500).map((index) => identityAt(SEED, index).identifier);
      await db.kysely.transaction().execute(async (trx) => {
        const rows = names.map((identifier, i) => ({
          environment_id: environmentId(DOCUMENT),
          identifier,
          feature_id: features[i % 20 === 0 ? 0 : 1]?.id ?? 0,
          uuid: crypto.randomUUID(),
          enabled: 1,
          value: "null",
          hash_seed: "s",
          variants: "[]",
          created_at: 1,
          updated_at: 1,
        }));
        await trx
          .insertInto("identity_overrides")
          .values(rows)
          .onConflict((c) => c.doNothing())
          .execute();
        await trx
          .updateTable("identities")
          .set({ has_overrides: 1 })
          .where("environment_id", "=", environmentId(DOCUMENT))
          .where("identifier", "in", names)
          .execute();
      });
    }
    const started = performance.now();
    while (await db.identityIndex.follow(20_000, Date.now()));
    progress(`index followed in ${figure((performance.now() - started) / 1000)} s`);
    const noRequests = () => Promise.reject(new Error("nothing is asked through it"));
    return (await createAdminClient(db, noRequests, organisation_id)).key;
  } finally {
    await db.close();
  }
}

async function measurePages(place: Place, key: string): Promise<BenchRow[]> {
  const { what, url, identities, calls } = place;
  const server = await startScript("server.ts", [url]);
  const base = `${server.url}/api/v1/environments/${clientKey(DOCUMENT)}/identity-search/`;
  try {
    const rows: BenchRow[] = [];
    for (const [shape, query] of Object.entries(SHAPES)) {
      const times: number[] = [];
      let slowest = "";
      let unfinished = 0;
      // The first calls warm up and are thrown away.
      for (let n = -8; n < calls; n += 1) {
        const text = query(n + 8, identities);
        const started = performance.now();
        const answer = await fetch(`${base}?q=${encodeURIComponent(text)}`, {
          headers: { Authorization: `Api-Key ${key}` },
        });
        const body = (await answer.json()) as { searched_all: boolean };
        const took = performance.now() - started;
        if (answer.status !== 200) {
          throw new Error(`"${text}" answered ${answer.status}: ${JSON.stringify(body).slice(0, 300)}`);
        }
        if (n >= 0 && took > Math.max(0, ...times)) slowest = text;
        if (n >= 0) times.push(took);
        if (n >= 0 && !body.searched_all) unfinished += 1;
      }
      rows.push({
        what: `first page of 50 of ${identities.toLocaleString("en-US")} identities by ${shape}, ${what}: p95`,
        value: percentile(times, 95),
        unit: "ms",
        must: 100,
        aim: 25,
        better: "lower",
        note: `p50 ${figure(percentile(times, 50))} ms, most ${figure(Math.max(...times))} ms (${slowest}), ${calls} calls one at a time, over HTTP${unfinished > 0 ? `; ${unfinished} ended when their time was up` : ""}`,
      });
    }
    return rows;
  } finally {
    await server.stop();
  }
}

async function measureSegment({ what, url, identities, calls }: Place): Promise<BenchRow[]> {
  const db = await openDatabase(url);
  const search = createSearch({ db, now: Date.now });
  const wanted = { environmentId: environmentId(DOCUMENT), rules: FIVE_CONDITIONS };
  try {
    const started = performance.now();
    const count = await search.countMatching(wanted);
    const counted = (performance.now() - started) / 1000;
    const times: number[] = [];
    let off = 0;
    for (let n = 0; n < Math.ceil(calls / 4); n += 1) {
      const begun = performance.now();
      const estimate = await search.estimateMatching(wanted);
      times.push(performance.now() - begun);
      off = Math.abs(estimate.percent - (count / identities) * 100);
    }
    const of = `of a five-condition segment's members among ${identities.toLocaleString("en-US")}, ${what}`;
    return [
      {
        what: `exact count ${of}`,
        value: counted,
        unit: "s",
        must: 4,
        aim: 1,
        better: "lower",
        note: `${count.toLocaleString("en-US")} members`,
      },
      {
        what: `estimate ${of}: p95`,
        value: percentile(times.slice(1), 95),
        unit: "ms",
        must: 150,
        aim: 50,
        better: "lower",
        note: `off by ${figure(off)} percentage points`,
      },
    ];
  } finally {
    await search.close();
    await db.close();
  }
}

async function measure(place: Place, progress: BenchOptions["progress"]): Promise<BenchRow[]> {
  const key = await prepare(place, progress);
  return [...(await measurePages(place, key)), ...(await measureSegment(place))];
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 2000 : 1_000_000;
  const calls = quick ? 8 : 60;
  const rows: BenchRow[] = [];
  const fixture = await openFixture({ document: DOCUMENT, identities }, progress);
  try {
    rows.push(
      ...(await measure({ what: "SQLite", url: `sqlite:${fixture.folder}/burgee.db`, identities, calls }, progress)),
    );
  } finally {
    fixture.remove();
  }
  const postgres = await startPostgresFixture();
  try {
    const url = await postgres.createDatabase(DOCUMENT, identities);
    rows.push(...(await measure({ what: "PostgreSQL", url, identities, calls }, progress)));
  } finally {
    await postgres.remove();
  }
  return rows;
}
