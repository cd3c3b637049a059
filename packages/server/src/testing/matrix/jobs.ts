import type { Case, Cases } from "./case.ts";
import type { Body, World } from "./world.ts";

const LIST = "/api/v1/environments/{key}/jobs/";
const ONE = `${LIST}{id}/`;

const named = { identities: { identifiers: ["nobody"] } };

/** A body for each permission that is enough for one type of job only. */
async function bodies(world: World): Promise<Readonly<Record<string, object>>> {
  const body = { name: world.fresh("feature") };
  const feature = await world.send("POST", `/api/v1/projects/${world.here.project}/features/`, body);
  const override = { type: "set_override", feature: feature.id, enabled: true, ...named };
  const rules = [{ type: "ALL", rules: [], conditions: [{ operator: "IS_SET", property: "plan", value: "" }] }];
  const traits = { type: "set_traits", traits: { plan: "pro" }, ...named };
  return {
    UPDATE_FEATURE_STATE: override,
    MANAGE_IDENTITY_OVERRIDES: { ...override, type: "remove_override" },
    MANAGE_IDENTITIES: traits,
    MANAGE_TRAITS: traits,
    DELETE_IDENTITIES: { type: "delete_identities", ...named },
    VIEW_IDENTITIES: { type: "export_identities", ...named },
    VIEW_TRAITS: { type: "count_segment", rules },
  };
}

const startAt = (world: World, key: string, body: object): Promise<Body> =>
  world.send("POST", `/api/v1/environments/${key}/jobs/`, body);

/** A job that each permission may see. */
const aboutJob =
  (status: number): Case =>
  async (world) => {
    const { here, nextDoor } = world;
    const all = await bodies(world);
    const params = { key: here.key, id: (await startAt(world, here.key, all["MANAGE_TRAITS"] ?? {})).id };
    const theirs = await startAt(world, nextDoor.key, all["MANAGE_TRAITS"] ?? {});
    const holding = await Promise.all(
      Object.entries(all).map(async ([permission, body]) => {
        const { id } = await startAt(world, here.key, body);
        return [permission, { params: { key: here.key, id } }] as const;
      }),
    );
    return {
      params,
      status,
      holding: Object.fromEntries(holding),
      foreign: [
        { what: "another environment's job", params: { key: here.key, id: theirs.id } },
        { what: "another environment", params: { key: nextDoor.key, id: params.id } },
      ],
    };
  };

async function exported(world: World): Promise<Body> {
  const { here } = world;
  const identifier = world.fresh("exported");
  await world.send("POST", `/api/v1/environments/${here.key}/identities/`, { identifier });
  const body = { type: "export_identities", identities: { identifiers: [identifier] } };
  const job = await startAt(world, here.key, body);
  for (let tries = 0; tries < 200; tries++) {
    const now = await world.send("GET", `/api/v1/environments/${here.key}/jobs/${job.id}/`);
    if (now["result_url"] !== null) return now;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the export does not end");
}

export const jobCases: Cases = {
  [`POST ${LIST}`]: async (world) => {
    const { here, abroad } = world;
    const all = await bodies(world);
    const holding = Object.entries(all).map(([permission, body]) => [permission, { body }]);
    return {
      params: { key: here.key },
      body: all["MANAGE_TRAITS"],
      status: 202,
      holding: Object.fromEntries(holding),
      foreign: [{ what: "another organisation's environment", params: { key: abroad.key } }],
    };
  },
  [`GET ${LIST}`]: ({ here }) => ({ params: { key: here.key }, status: 200 }),
  [`GET ${ONE}`]: aboutJob(200),
  [`POST ${ONE}cancel/`]: aboutJob(200),
  [`GET ${ONE}result/`]: async (world) => {
    const { here, nextDoor } = world;
    const { id } = await exported(world);
    const foreign = [{ what: "another environment", params: { key: nextDoor.key, id } }];
    return { params: { key: here.key, id }, status: 200, foreign };
  },
  "POST /api/v1/environments/{key}/identity-imports/": ({ here, abroad }) => ({
    params: { key: here.key },
    query: { format: "ndjson" },
    // A row without an identifier changes nothing, so that no entry of the log comes while others are refused.
    body: {},
    status: 202,
    foreign: [{ what: "another organisation's environment", params: { key: abroad.key } }],
  }),
  "GET /api/v1/environments/{key}/retention-preview/": ({ here, abroad }) => ({
    params: { key: here.key },
    query: { days: 30 },
    status: 200,
    foreign: [{ what: "another organisation's environment", params: { key: abroad.key } }],
  }),
  "POST /api/v1/organisations/{id}/subject-access/": ({ here, abroad }) => ({
    params: { id: here.organisation },
    body: { identifier: "somebody" },
    status: 200,
    foreign: [{ what: "another organisation", params: { id: abroad.organisation } }],
  }),
  "POST /api/v1/organisations/{id}/erasure/": ({ here, abroad }) => ({
    params: { id: here.organisation },
    body: { identifier: "somebody" },
    status: 200,
    foreign: [{ what: "another organisation", params: { id: abroad.organisation } }],
  }),
};
