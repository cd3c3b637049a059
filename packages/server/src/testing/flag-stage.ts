/** A stage for tests of whole flags: one environment, three segments by what "plans" contains, and a feature for each test. */
import { keyOf } from "./feature-stage.ts";
import { type Body, createStage, type Stage } from "./test-stage.ts";

interface Served {
  readonly enabled: boolean;
  readonly value: { readonly type: string; readonly value: string } | null;
  readonly variants: readonly { readonly id: number; readonly weight: number }[];
}

export interface Flag {
  readonly environment_default: Served;
  readonly segment_overrides: readonly (Served & {
    readonly segment: { readonly id: number };
    readonly priority: number;
  })[];
}

export const text = (value: string) => ({ type: "string", value });

export interface OneFlag {
  readonly feature: Body;
  /** Its path. */
  readonly ONE: string;
  write(method: "PUT" | "PATCH", body: object): Promise<Flag>;
  /** What is wrong with the body. */
  refused(method: "PUT" | "PATCH", body: unknown): Promise<unknown>;
  /** Its value for somebody with these plans. */
  servedTo(plans: string): Promise<unknown>;
  /** Adds variants of these weights; answers their ids. */
  variants(...weights: number[]): Promise<number[]>;
}

export interface FlagStage {
  readonly stage: Stage;
  readonly project: Body;
  readonly environment: Body;
  /** One of the three segments, as bodies name it. */
  at(i: 0 | 1 | 2): { readonly id: number };
  newFlag(): Promise<OneFlag>;
}

export async function createFlagStage(): Promise<FlagStage> {
  const stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  const environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  const inProject = (path: string) => `/api/v1/projects/${project.id}/${path}`;
  const segments: number[] = [];
  for (const plan of ["a", "b", "c"]) {
    const rules = [{ type: "ALL", conditions: [{ operator: "CONTAINS", property: "plans", value: plan }] }];
    segments.push((await stage.send(201, "POST", inProject("segments/"), { name: plan, rules })).id);
  }
  let count = 0;
  const newFlag = async (): Promise<OneFlag> => {
    const name = `f${++count}`;
    const body = { name, initial_value: "start", default_enabled: true };
    const feature = await stage.send(201, "POST", inProject("features/"), body);
    const ONE = `/api/__future__/environments/${keyOf(environment)}/features/${feature.id}/`;
    return {
      feature,
      ONE,
      write: (method, wanted) => stage.send<Flag>(200, method, ONE, wanted),
      refused: (method, wanted) => stage.send<unknown>(400, method, ONE, wanted),
      servedTo: async (plans) =>
        (await stage.identify(keyOf(environment), `user ${plans}`, { plans }))[name]?.feature_state_value,
      variants: async (...weights) => {
        const ids: number[] = [];
        for (const weight of weights) {
          const option = { string_value: `v${ids.length}`, default_percentage_allocation: weight };
          ids.push((await stage.send(201, "POST", inProject(`features/${feature.id}/mv-options/`), option)).id);
        }
        return ids;
      },
    };
  };
  return { stage, project, environment, at: (i) => ({ id: segments[i] ?? 0 }), newFlag };
}
