import type { Call, Case, Cases } from "./case.ts";
import { featureAt } from "./features.ts";
import { segmentAt } from "./segments.ts";
import type { Body, Place, World } from "./world.ts";

const STATES = "/api/v1/environments/{key}/featurestates/";
const TYPED = "/api/v1/features/featurestates/";
const TIES = "/api/v1/features/feature-segments/";
const FLAG = "/api/__future__/environments/{key}/features/{feature}/";

interface Listed {
  readonly results: readonly Body[];
}

/** A feature's default somewhere. */
async function defaultAt(world: World, { key }: Place, feature: Body): Promise<Body> {
  const listed = await world.send<Listed>("GET", `/api/v1/environments/${key}/featurestates/?feature=${feature.id}`);
  const [state] = listed.results;
  if (!state) throw new Error("The feature has no default.");
  return state;
}

/** A segment tied to a feature, without a value of its own yet. */
async function tieAt(world: World, place: Place, feature?: Body): Promise<Body & { readonly feature: number }> {
  const held = feature ?? (await featureAt(world, place));
  const segment = await segmentAt(world, place);
  const body = { feature: held.id, segment: segment.id, environment: place.environment };
  const made = await world.send("POST", TIES, body);
  return { ...made, feature: held.id };
}

const typedValue = { type: "unicode", string_value: "for them" };

/** A segment override with its value. */
async function overrideAt(
  world: World,
  { key, ...place }: Place,
): Promise<{ feature: Body; segment: Body; state: Body }> {
  const feature = await featureAt(world, { key, ...place });
  const segment = await segmentAt(world, { key, ...place });
  const body = { feature_segment: { segment: segment.id }, enabled: true, feature_state_value: typedValue };
  const path = `/api/v1/environments/${key}/features/${feature.id}/create-segment-override/`;
  return { feature, segment, state: await world.send("POST", path, body) };
}

const aboutDefault =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const feature = await featureAt(world, world.here);
    const mine = await defaultAt(world, world.here, feature);
    const theirs = await defaultAt(world, world.nextDoor, feature);
    const { state } = await overrideAt(world, world.here);
    const { key } = world.here;
    const foreign = [
      { what: "another environment's state", params: { key, id: theirs.id } },
      { what: "another environment", params: { key: world.nextDoor.key, id: mine.id } },
      { what: "a segment's state", params: { key, id: state.id } },
    ];
    return { params: { key, id: mine.id }, foreign, ...call };
  };

const states: Cases = {
  [`GET ${STATES}`]: async (world) => {
    const feature = await featureAt(world, world.here);
    return { params: { key: world.here.key }, query: { feature: feature.id }, status: 200 };
  },
  [`GET ${STATES}{id}/`]: aboutDefault({ status: 200 }),
  [`PUT ${STATES}{id}/`]: aboutDefault({ body: { enabled: true, feature_state_value: 5 }, status: 200 }),
  [`PATCH ${STATES}{id}/`]: aboutDefault({ body: { enabled: true }, status: 200 }),
};

/** A default takes one permission, a segment's state the other; another environment may be named in neither. */
const aboutTyped =
  (isWhole: boolean): Case =>
  async (world) => {
    const { here, nextDoor } = world;
    const feature = await featureAt(world, here);
    const { id } = await defaultAt(world, here, feature);
    const override = await overrideAt(world, here);
    const bodyOf = (of: Body, environment: number) => (isWhole ? { feature: of.id, environment } : {});
    const params = { id };
    const change = { enabled: true, feature_state_value: { type: "int", integer_value: 7 } };
    const body = { ...bodyOf(feature, here.environment), ...change };
    return {
      params,
      body,
      status: 200,
      holding: {
        MANAGE_SEGMENT_OVERRIDES: {
          params: { id: override.state.id },
          body: { ...bodyOf(override.feature, here.environment), ...change },
        },
      },
      foreign: [
        { what: "another environment", body: { ...body, environment: nextDoor.environment }, status: 400 },
        { what: "a foreign state", params: { id: await abroadState(world) } },
      ],
    };
  };

async function abroadState({ stranger, abroad, fresh }: World): Promise<number> {
  await stranger.call("POST", `/api/v1/projects/${abroad.project}/features/`, { name: fresh("feature") });
  const listed = await stranger.call("GET", `/api/v1/environments/${abroad.key}/featurestates/`);
  return (listed.body as Listed).results[0]?.id ?? 0;
}

const typed: Cases = {
  [`GET ${TYPED}`]: async (world) => {
    await overrideAt(world, world.here);
    return {
      query: { environment: world.here.environment },
      status: 200,
      foreign: [{ what: "a foreign environment", query: { environment: world.abroad.environment } }],
    };
  },
  [`GET ${TYPED}get-by-uuid/{uuid}/`]: async (world) => {
    const { uuid } = await defaultAt(world, world.here, await featureAt(world, world.here));
    return { params: { uuid }, status: 200 };
  },
  [`POST ${TYPED}`]: async (world) => {
    const { here, nextDoor } = world;
    const tie = await tieAt(world, here);
    const theirs = await tieAt(world, nextDoor);
    const body = {
      feature: tie.feature,
      environment: here.environment,
      feature_segment: tie.id,
      enabled: true,
      feature_state_value: typedValue,
    };
    const foreign = [
      { what: "another environment's segment", body: { ...body, feature_segment: theirs.id }, status: 400 },
      { what: "a foreign environment", body: { ...body, environment: world.abroad.environment }, status: 400 },
    ];
    return { body, status: 201, unseen: 400, foreign };
  },
  [`PUT ${TYPED}{id}/`]: aboutTyped(true),
  [`PATCH ${TYPED}{id}/`]: aboutTyped(false),
};

const aboutTie =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const tie = await tieAt(world, world.here);
    return { params: { id: tie.id }, ...call };
  };

const ties: Cases = {
  [`GET ${TIES}`]: async (world) => {
    const { feature } = await tieAt(world, world.here);
    const query = { feature, environment: world.here.environment };
    const foreign = [{ what: "a foreign environment", query: { ...query, environment: world.abroad.environment } }];
    return { query, status: 200, foreign };
  },
  [`GET ${TIES}get-by-uuid/{uuid}/`]: async (world) => ({
    params: { uuid: (await tieAt(world, world.here)).uuid },
    status: 200,
  }),
  [`GET ${TIES}{id}/`]: aboutTie({ status: 200 }),
  [`POST ${TIES}`]: async (world) => {
    const { here, downTheRoad, abroad } = world;
    const feature = await featureAt(world, here);
    const segment = await segmentAt(world, here);
    const body = { feature: feature.id, segment: segment.id, environment: here.environment };
    const foreign = [
      {
        what: "another project's segment",
        body: { ...body, segment: (await segmentAt(world, downTheRoad)).id },
        status: 400,
      },
      {
        what: "another project's feature",
        body: { ...body, feature: (await featureAt(world, downTheRoad)).id },
        status: 400,
      },
      { what: "a foreign environment", body: { ...body, environment: abroad.environment }, status: 400 },
    ];
    return { body, status: 201, unseen: 400, foreign };
  },
  [`POST ${TIES}update-priorities/`]: async (world) => {
    const feature = await featureAt(world, world.here);
    const first = await tieAt(world, world.here, feature);
    const second = await tieAt(world, world.here, feature);
    const theirs = await tieAt(world, world.nextDoor);
    const moved = { id: second.id, priority: 0 };
    const body = [moved, { id: first.id, priority: 1 }];
    const foreign = [{ what: "another environment's", body: [moved, { id: theirs.id, priority: 1 }], status: 400 }];
    return { body, status: 200, unseen: 400, foreign };
  },
  [`PUT ${TIES}{id}/`]: async (world) => {
    const feature = await featureAt(world, world.here);
    const segment = await segmentAt(world, world.here);
    const body = { feature: feature.id, segment: segment.id, environment: world.here.environment };
    const made = await world.send("POST", TIES, body);
    return { params: { id: made.id }, body: { ...body, priority: 0 }, status: 200 };
  },
  [`PATCH ${TIES}{id}/`]: aboutTie({ body: { priority: 0 }, status: 200 }),
  [`DELETE ${TIES}{id}/`]: aboutTie({ status: 204 }),
};

/** The default takes one permission, the segment overrides the other. */
const aboutFlag: Case = async (world) => {
  const { here, downTheRoad } = world;
  const { feature, segment } = await overrideAt(world, here);
  const theirs = await featureAt(world, downTheRoad);
  const override = { segment: { id: segment.id }, enabled: false };
  return {
    params: { key: here.key, feature: feature.id },
    body: { environment_default: { enabled: true, value: { type: "integer", value: "5" } } },
    status: 200,
    holding: { MANAGE_SEGMENT_OVERRIDES: { body: { segment_overrides: [override] } } },
    foreign: [
      { what: "another project's feature", params: { key: here.key, feature: theirs.id } },
      {
        what: "another project's segment",
        body: { segment_overrides: [{ ...override, segment: { id: (await segmentAt(world, downTheRoad)).id } }] },
        status: 400,
      },
    ],
  };
};

const flags: Cases = {
  "POST /api/v1/environments/{key}/features/{feature}/create-segment-override/": async (world) => {
    const { here, downTheRoad } = world;
    const feature = await featureAt(world, here);
    const segment = await segmentAt(world, here);
    const theirs = await segmentAt(world, downTheRoad);
    const params = { key: here.key, feature: feature.id };
    const body = { feature_segment: { segment: segment.id }, enabled: true, feature_state_value: typedValue };
    return {
      params,
      body,
      status: 201,
      foreign: [
        { what: "another project's segment", body: { ...body, feature_segment: { segment: theirs.id } }, status: 400 },
        { what: "another project's feature", params: { ...params, feature: (await featureAt(world, downTheRoad)).id } },
      ],
    };
  },
  [`GET ${FLAG}`]: async (world) => {
    const { feature } = await overrideAt(world, world.here);
    const params = { key: world.here.key, feature: feature.id };
    const theirs = await featureAt(world, world.downTheRoad);
    return {
      params,
      status: 200,
      foreign: [{ what: "another project's feature", params: { ...params, feature: theirs.id } }],
    };
  },
  [`PUT ${FLAG}`]: aboutFlag,
  [`PATCH ${FLAG}`]: aboutFlag,
  [`DELETE ${FLAG}segment-overrides/{segment}/`]: async (world) => {
    const { feature, segment } = await overrideAt(world, world.here);
    const other = await segmentAt(world, world.here);
    const params = { key: world.here.key, feature: feature.id, segment: segment.id };
    return {
      params,
      status: 200,
      foreign: [
        { what: "a segment without an override", params: { ...params, segment: other.id } },
        { what: "another environment", params: { ...params, key: world.nextDoor.key } },
      ],
    };
  },
};

export const stateCases: Cases = { ...states, ...typed, ...ties, ...flags };
