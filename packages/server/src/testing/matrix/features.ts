import type { Call, Case, Cases } from "./case.ts";
import { groupOf, memberOf } from "./people.ts";
import type { Body, Place, World } from "./world.ts";

const ALL = "/api/v1/projects/{project}/features/";
const ONE = `${ALL}{id}/`;
const OPTIONS = `${ALL}{feature}/mv-options/`;

export const featureAt = (world: World, { project }: Place, more: object = {}): Promise<Body> =>
  world.send("POST", `/api/v1/projects/${project}/features/`, { name: world.fresh("feature"), ...more });

const aboutFeature =
  (more: Omit<Call, "params"> | ((world: World, feature: Body) => Promise<Omit<Call, "params">>)): Case =>
  async (world) => {
    const { here, downTheRoad } = world;
    const mine = await featureAt(world, here, { initial_value: "first", default_enabled: true });
    const theirs = await featureAt(world, downTheRoad);
    const call = typeof more === "function" ? await more(world, mine) : more;
    const foreign = [
      { what: "another project's feature", params: { project: here.project, id: theirs.id } },
      { what: "another project", params: { project: downTheRoad.project, id: mine.id } },
      ...(call.foreign ?? []),
    ];
    return { params: { project: here.project, id: mine.id }, ...call, foreign };
  };

/** Owners have to be of the organisation. */
const aboutOwners = (action: "add" | "remove", kind: "user" | "group"): Case => {
  const field = `${kind}_ids`;
  const make = async (world: World, organisation: number): Promise<number> =>
    kind === "user" ? memberOf(world, organisation) : (await groupOf(world, organisation)).id;
  return aboutFeature(async (world, { id }) => {
    const ours = await make(world, world.here.organisation);
    const theirs = await make(world, world.abroad.organisation);
    const what = `another organisation's ${kind}`;
    const params = { project: world.here.project, id };
    const foreign = action === "add" ? [{ what, params, body: { [field]: [theirs] }, status: 400 }] : [];
    return { body: { [field]: [ours] }, status: 200, foreign };
  });
};

const features: Cases = {
  [`GET ${ALL}`]: async (world) => {
    await featureAt(world, world.here);
    return { params: { project: world.here.project }, status: 200 };
  },
  [`POST ${ALL}`]: (world) => ({
    params: { project: world.here.project },
    body: { name: world.fresh("new"), initial_value: "v", default_enabled: true, description: "What for" },
    status: 201,
  }),
  "GET /api/v1/features/get-by-uuid/{uuid}/": async (world) => {
    const { uuid } = await featureAt(world, world.here);
    return { params: { uuid }, status: 200 };
  },
  [`GET ${ONE}`]: aboutFeature({ status: 200 }),
  [`PUT ${ONE}`]: aboutFeature({ body: { description: "Changed", tags: [] }, status: 200 }),
  [`PATCH ${ONE}`]: aboutFeature(async (world, { id }) => {
    const tag = await world.send("POST", `/api/v1/projects/${world.downTheRoad.project}/tags/`, {
      label: world.fresh("tag"),
    });
    const params = { project: world.here.project, id };
    const foreign = [{ what: "another project's tag", params, body: { tags: [tag.id] }, status: 400 }];
    return { body: { is_archived: true }, status: 200, foreign };
  }),
  [`DELETE ${ONE}`]: aboutFeature({ status: 204 }),
  [`POST ${ONE}add-owners/`]: aboutOwners("add", "user"),
  [`POST ${ONE}remove-owners/`]: aboutOwners("remove", "user"),
  [`POST ${ONE}add-group-owners/`]: aboutOwners("add", "group"),
  [`POST ${ONE}remove-group-owners/`]: aboutOwners("remove", "group"),
  [`GET ${ONE}evaluation-data/`]: aboutFeature(async ({ here, downTheRoad }, { id }) => ({
    query: { environment_id: here.environment },
    status: 200,
    // It is asked for through the project, which the environment alone does not show.
    expect: { "environment admin": 404 },
    foreign: [
      {
        what: "another project's environment",
        params: { project: here.project, id },
        query: { environment_id: downTheRoad.environment },
      },
    ],
  })),
};

const variant = { type: "unicode", string_value: "red", default_percentage_allocation: 10 };

const optionOf = (world: World, { project }: Place, feature: Body): Promise<Body> =>
  world.send("POST", `/api/v1/projects/${project}/features/${feature.id}/mv-options/`, variant);

const aboutOption =
  (call: Omit<Call, "params">): Case =>
  async (world) => {
    const { here, downTheRoad } = world;
    const feature = await featureAt(world, here);
    const mine = await optionOf(world, here, feature);
    const other = await featureAt(world, here);
    const theirs = await optionOf(world, here, other);
    const params = { project: here.project, feature: feature.id, id: mine.id };
    const foreign = [
      { what: "another feature's variant", params: { ...params, id: theirs.id } },
      { what: "another feature", params: { ...params, feature: other.id } },
      { what: "another project", params: { ...params, project: downTheRoad.project } },
    ];
    return { params, foreign, ...call };
  };

const variants: Cases = {
  [`GET ${OPTIONS}`]: async (world) => {
    const { project } = world.here;
    const feature = await featureAt(world, world.here);
    await optionOf(world, world.here, feature);
    const params = { project, feature: feature.id };
    const foreign = [{ what: "another project", params: { ...params, project: world.downTheRoad.project } }];
    return { params, status: 200, foreign };
  },
  [`POST ${OPTIONS}`]: async (world) => {
    const { project } = world.here;
    const theirs = await featureAt(world, world.downTheRoad);
    const foreign = [{ what: "another project's feature", params: { project, feature: theirs.id } }];
    const feature = await featureAt(world, world.here);
    return { params: { project, feature: feature.id }, body: variant, status: 201, foreign };
  },
  "GET /api/v1/multivariate/options/get-by-uuid/{uuid}/": async (world) => {
    const { uuid } = await optionOf(world, world.here, await featureAt(world, world.here));
    return { params: { uuid }, status: 200 };
  },
  [`GET ${OPTIONS}{id}/`]: aboutOption({ status: 200 }),
  [`PUT ${OPTIONS}{id}/`]: aboutOption({ body: { ...variant, string_value: "blue" }, status: 200 }),
  [`PATCH ${OPTIONS}{id}/`]: aboutOption({ body: { default_percentage_allocation: 20 }, status: 200 }),
  [`DELETE ${OPTIONS}{id}/`]: aboutOption({ status: 204 }),
};

export const featureCases: Cases = { ...features, ...variants };
