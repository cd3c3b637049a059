/** A stage for tests of features: a project with two environments. */
import { type Body, createStage, type Stage } from "./test-stage.ts";

export const keyOf = (body: Body): string => body["api_key"] as string;

export interface FeatureStage {
  readonly stage: Stage;
  readonly project: Body;
  readonly production: Body;
  readonly staging: Body;
  /** Path of the project's features. */
  readonly FEATURES: string;
  /** Creates one with a name of its own. */
  readonly feature: (more?: object) => Promise<Body>;
}

export async function createFeatureStage(): Promise<FeatureStage> {
  const stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const FEATURES = `/api/v1/projects/${project.id}/features/`;
  const environment = (name: string) => stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id });
  const production = await environment("production");
  const staging = await environment("staging");
  let count = 0;
  const feature = (more: object = {}): Promise<Body> =>
    stage.send(201, "POST", FEATURES, { name: `feature_${++count}`, ...more });
  return { stage, project, production, staging, FEATURES, feature };
}
