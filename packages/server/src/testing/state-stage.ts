/** A stage for tests of feature states: one environment, and a segment of those who pay. */
import { keyOf } from "./feature-stage.ts";
import { type Body, createStage, type Stage } from "./test-stage.ts";

export const TYPED = "/api/v1/features/featurestates/";
export const TIES = "/api/v1/features/feature-segments/";

/** A typed value, as answers spell it. */
export const text = (string_value: string) => ({
  type: "unicode",
  string_value,
  integer_value: null,
  boolean_value: null,
});

export interface StateStage {
  readonly stage: Stage;
  readonly project: Body;
  readonly environment: Body;
  /** Of those with the trait plan = pro. */
  readonly segment: Body;
  /** Path of the environment's defaults. */
  readonly BARE: string;
  readonly newSegment: (name: string, plan: string, more?: object) => Promise<Body>;
  readonly newFeature: (name: string) => Promise<Body>;
}

export async function createStateStage(): Promise<StateStage> {
  const stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  const inProject = (path: string) => `/api/v1/projects/${project.id}/${path}`;
  const newSegment = (name: string, plan: string, more: object = {}): Promise<Body> =>
    stage.send(201, "POST", inProject("segments/"), {
      name,
      rules: [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: plan }] }],
      ...more,
    });
  return {
    stage,
    project,
    environment,
    segment: await newSegment("pros", "pro"),
    BARE: `/api/v1/environments/${keyOf(environment)}/featurestates/`,
    newSegment,
    newFeature: (name) => stage.send(201, "POST", inProject("features/"), { name, initial_value: "start" }),
  };
}
