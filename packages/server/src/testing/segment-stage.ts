/** A stage for tests of segments: one environment with one feature, "f", that everybody gets as "all". */
import { keyOf } from "./feature-stage.ts";
import { type Body, createStage, type Stage } from "./test-stage.ts";

export const condition = (value: unknown, more: object = {}) => ({
  operator: "EQUAL",
  property: "plan",
  value,
  ...more,
});
export const rules = (value: unknown) => [{ type: "ALL", conditions: [condition(value)] }];

/** A rule inside a rule inside a rule, `depth` of them. */
export function nested(depth: number): object {
  return depth === 1
    ? { type: "ALL", conditions: [condition("deep")] }
    : { type: "ANY", conditions: [], rules: [nested(depth - 1)] };
}

export interface SegmentStage {
  readonly stage: Stage;
  readonly project: Body;
  readonly environment: Body;
  readonly feature: Body;
  /** Path of the project's segments. */
  readonly LIST: string;
  /** Creates one, with a name of its own and of those with plan = pro unless told otherwise. */
  segment(body?: object): Promise<Body>;
  /** Gives a segment a value of the feature. */
  override(id: number, value: string): Promise<unknown>;
  /** The feature's value for somebody new with these traits. */
  servedTo(traits: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export async function createSegmentStage(): Promise<SegmentStage> {
  const stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  const inProject = (path: string) => `/api/v1/projects/${project.id}/${path}`;
  const feature = await stage.send(201, "POST", inProject("features/"), { name: "f", initial_value: "all" });
  const FLAG = `/api/__future__/environments/${keyOf(environment)}/features/${feature.id}/`;
  const LIST = inProject("segments/");
  let count = 0;
  return {
    stage,
    project,
    environment,
    feature,
    LIST,
    segment: (body = {}) => stage.send(201, "POST", LIST, { name: `s${++count}`, rules: rules("pro"), ...body }),
    override: (id, value) => {
      const overrides = [{ segment: { id }, enabled: true, value: { type: "string", value } }];
      return stage.send<unknown>(200, "PATCH", FLAG, { segment_overrides: overrides });
    },
    servedTo: async (traits) =>
      (await stage.identify(keyOf(environment), `someone ${++count}`, traits))["f"]?.feature_state_value,
  };
}
