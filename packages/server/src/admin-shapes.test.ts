/** Our answers held against Flagsmith's own description of its admin API, for the nouns that configuration is made of. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type ApiMethod,
  type FlagsmithSchemas,
  flagsmithSchemasMissing,
  openFlagsmithSchemas,
} from "./testing/flagsmith-schemas.ts";
import { type Body, createStage, type PageBody, type Stage } from "./testing/index.ts";

/** Where the description is wrong about Flagsmith itself, so that we follow what its clients read. Each is shown to differ. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "get /api/v1/organisations/{}/projects/": "an array of projects, not an organisation",
  "get /api/v1/projects/{}/environments/": "an array of environments, not a project",
  "get /api/v1/projects/{}/features/{}/evaluation-data/": "an array, not one of its items",
  "get /api/v1/projects/{}/segments/{}/associated-features/": "a page of states, not one of them",
};

/** Described, but not offered here. */
const NOT_OFFERED: Readonly<Record<string, string>> = {
  "post /api/v1/environments/{}/featurestates/":
    "deprecated by Flagsmith: every environment has a default of every feature",
  "delete /api/v1/environments/{}/featurestates/{}/":
    "an environment without a default of a feature could not be evaluated",
};

const OURS = new RegExp(
  `^/api/(__future__|v1/(${[
    "organisations/(\\{\\}/(projects/)?|get-by-uuid/\\{\\}/)?$",
    "projects/(\\{\\}/(environments/)?|get-by-uuid/\\{\\}/)?$",
    "projects/\\{\\}/(features|segments|tags)/",
    "environments/(\\{\\}/|get-by-uuid/\\{\\}/)?$",
    "environments/\\{\\}/(clone|document|metrics|api-keys|featurestates|(en|dis)able-v2-versioning)/",
    "environments/\\{\\}/features/\\{\\}/create-segment-override/",
    "(features/(featurestates|feature-segments|get-by-uuid)|segments|multivariate)/",
  ].join("|")}))`,
);
const isOurs = (operation: string): boolean =>
  OURS.test(operation.split(" ")[1] ?? "") && !/\/(members|versions)\//.test(operation);

describe.skipIf(flagsmithSchemasMissing !== undefined)(
  `Flagsmith's description${flagsmithSchemasMissing ? ` (left out: ${flagsmithSchemasMissing})` : ""}`,
  () => {
    let stage: Stage;
    let schemas: FlagsmithSchemas;
    const asked = new Set<string>();

    beforeAll(async () => {
      stage = await createStage();
      schemas = openFlagsmithSchemas();
    });
    afterAll(() => stage.close());

    /** Fills the path's parameters in their order, asks, and holds the answer against the description. */
    async function ask<T = Body>(
      method: ApiMethod,
      path: string,
      parameters: readonly unknown[] = [],
      more: {
        readonly body?: unknown;
        readonly query?: string;
        readonly status?: number;
        readonly faults?: string[];
      } = {},
    ): Promise<T> {
      const left = [...parameters];
      const target = path.replaceAll("{}", () => String(left.shift())) + (more.query ?? "");
      const answer = await stage.admin.call(method.toUpperCase(), target, more.body);
      const expected = more.status ?? { get: 200, post: 201, put: 200, patch: 200, delete: 204 }[method];
      expect({ target, status: answer.status, body: answer.body }).toEqual({
        target,
        status: expected,
        body: answer.body,
      });
      const operation = `${method} ${path}`;
      asked.add(operation);
      const faults = schemas.faults(operation, answer.status, answer.body);
      if (operation in DIFFERENT) expect(faults).not.toEqual([]);
      else expect({ operation, faults }).toEqual({ operation, faults: more.faults ?? [] });
      return answer.body as T;
    }

    let project: Body;
    let environment: Body;
    let feature: Body;
    let segment: Body;
    const key = (): string => environment["api_key"] as string;

    test("organisations", async () => {
      await ask("get", "/api/v1/organisations/");
      const one = await ask("get", "/api/v1/organisations/{}/", [stage.organisationId]);
      await ask("get", "/api/v1/organisations/get-by-uuid/{}/", [one.uuid]);
      await ask("put", "/api/v1/organisations/{}/", [one.id], { body: { name: "ours", force_2fa: false } });
      await ask("patch", "/api/v1/organisations/{}/", [one.id], {
        body: { webhook_notification_email: "a@b.example" },
      });
    });

    test("projects", async () => {
      const body = { name: "p", organisation: stage.organisationId };
      project = await ask("post", "/api/v1/projects/", [], { body });
      await ask("get", "/api/v1/projects/", [], { query: `?organisation=${stage.organisationId}` });
      await ask("get", "/api/v1/organisations/{}/projects/", [stage.organisationId]);
      await ask("get", "/api/v1/projects/{}/", [project.id]);
      await ask("get", "/api/v1/projects/get-by-uuid/{}/", [project.uuid]);
      await ask("put", "/api/v1/projects/{}/", [project.id], { body: { name: "p" } });
      await ask("patch", "/api/v1/projects/{}/", [project.id], { body: { minimum_change_request_approvals: 1 } });
      const other = await ask("post", "/api/v1/projects/", [], { body: { ...body, name: "other" } });
      await ask("delete", "/api/v1/projects/{}/", [other.id]);
    });

    test("environments and their keys", async () => {
      environment = await ask("post", "/api/v1/environments/", [], { body: { name: "e", project: project.id } });
      await ask("get", "/api/v1/environments/", [], { query: `?project=${project.id}` });
      await ask("get", "/api/v1/projects/{}/environments/", [project.id]);
      await ask("get", "/api/v1/environments/{}/", [key()]);
      await ask("get", "/api/v1/environments/get-by-uuid/{}/", [environment.uuid]);
      await ask("put", "/api/v1/environments/{}/", [key()], {
        body: { name: "e", banner_text: "b", description: null },
      });
      await ask("patch", "/api/v1/environments/{}/", [key()], { body: { hide_disabled_flags: false } });
      await ask("get", "/api/v1/environments/{}/metrics/", [key()]);
      await ask("post", "/api/v1/environments/{}/enable-v2-versioning/", [key()], { status: 202 });
      await ask("post", "/api/v1/environments/{}/disable-v2-versioning/", [key()], { status: 202 });
      const keys = "/api/v1/environments/{}/api-keys/";
      const body = { name: "k", expires_at: "2040-01-01T00:00:00Z" };
      const made = await ask("post", keys, [key()], { body });
      await ask("get", keys, [key()]);
      await ask("put", `${keys}{}/`, [key(), made.id], { body: { name: "k" } });
      await ask("patch", `${keys}{}/`, [key(), made.id], { body: { active: false } });
      await ask("delete", `${keys}{}/`, [key(), made.id]);
    });

    test("tags", async () => {
      const tags = "/api/v1/projects/{}/tags/";
      const made = await ask("post", tags, [project.id], { body: { label: "t", description: "d" } });
      await ask("get", tags, [project.id]);
      await ask("get", `${tags}{}/`, [project.id, made.id]);
      await ask("get", `${tags}get-by-uuid/{}/`, [project.id, made.uuid]);
      await ask("put", `${tags}{}/`, [project.id, made.id], { body: { label: "t2" } });
      await ask("patch", `${tags}{}/`, [project.id, made.id], { body: { is_permanent: true } });
      await ask("delete", `${tags}{}/`, [project.id, made.id]);
    });

    test("segments", async () => {
      const segments = "/api/v1/projects/{}/segments/";
      const rules = [
        { type: "ALL", rules: [{ type: "ANY", conditions: [{ operator: "IN", property: "plan", value: "a,b" }] }] },
      ];
      segment = await ask("post", segments, [project.id], { body: { name: "s", rules } });
      await ask("get", segments, [project.id]);
      await ask("get", `${segments}{}/`, [project.id, segment.id]);
      await ask("get", "/api/v1/segments/get-by-uuid/{}/", [segment.uuid]);
      await ask("put", `${segments}{}/`, [project.id, segment.id], { body: { name: "s", rules, description: "d" } });
      await ask("patch", `${segments}{}/`, [project.id, segment.id], { body: { description: null } });
      const clone = await ask("post", `${segments}{}/clone/`, [project.id, segment.id], { body: { name: "c" } });
      await ask("delete", `${segments}{}/`, [project.id, clone.id]);
    });

    test("features and variants", async () => {
      const features = "/api/v1/projects/{}/features/";
      const options = [{ type: "unicode", string_value: "v", default_percentage_allocation: 10 }];
      const body = { name: "f", initial_value: "control", multivariate_options: options };
      feature = await ask("post", features, [project.id], { body });
      await ask("get", features, [project.id], { query: `?environment=${environment.id}&segment=${segment.id}` });
      await ask("get", `${features}{}/`, [project.id, feature.id]);
      await ask("get", "/api/v1/features/get-by-uuid/{}/", [feature.uuid]);
      await ask("put", `${features}{}/`, [project.id, feature.id], { body: { name: "f", type: "STANDARD" } });
      await ask("patch", `${features}{}/`, [project.id, feature.id], { body: { is_archived: true } });
      const query = `?environment_id=${environment.id}`;
      await ask("get", `${features}{}/evaluation-data/`, [project.id, feature.id], { query });
      for (const action of ["add", "remove"]) {
        const place = [project.id, feature.id];
        await ask("post", `${features}{}/${action}-owners/`, place, { body: { user_ids: [] }, status: 200 });
        await ask("post", `${features}{}/${action}-group-owners/`, place, { body: { group_ids: [] }, status: 200 });
      }
      const variants = `${features}{}/mv-options/`;
      const place = [project.id, feature.id];
      const option = {
        feature: feature.id,
        type: "int",
        integer_value: 3,
        default_percentage_allocation: 5,
        key: "three",
      };
      const made = await ask("post", variants, place, { body: option });
      await ask("get", variants, place);
      await ask("get", `${variants}{}/`, [...place, made.id]);
      await ask("get", "/api/v1/multivariate/options/get-by-uuid/{}/", [made.uuid]);
      await ask("put", `${variants}{}/`, [...place, made.id], { body: { ...option, integer_value: 4 } });
      await ask("patch", `${variants}{}/`, [...place, made.id], { body: { key: null } });
      await ask("delete", `${variants}{}/`, [...place, made.id]);
    });

    test("states, segment overrides and whole flags", async () => {
      const bare = "/api/v1/environments/{}/featurestates/";
      // A default has no identity, and Flagsmith says null; its description thinks of identity overrides only.
      const faults = ["/results/0/identity must be object"];
      const { results } = await ask<PageBody>("get", bare, [key()], { query: `?feature=${feature.id}`, faults });
      const state = results[0] as Body;
      await ask("get", `${bare}{}/`, [key(), state.id]);
      await ask("put", `${bare}{}/`, [key(), state.id], { body: { enabled: true, feature_state_value: true } });
      await ask("patch", `${bare}{}/`, [key(), state.id], { body: { feature_state_value: 5 } });
      const ties = "/api/v1/features/feature-segments/";
      const tie = { feature: feature.id, segment: segment.id, environment: environment.id };
      const made = await ask("post", ties, [], { body: tie });
      await ask("get", ties, [], { query: `?environment=${environment.id}&feature=${feature.id}` });
      await ask("get", `${ties}{}/`, [made.id]);
      await ask("get", `${ties}get-by-uuid/{}/`, [made.uuid]);
      await ask("put", `${ties}{}/`, [made.id], { body: tie });
      await ask("patch", `${ties}{}/`, [made.id], { body: {} });
      await ask("post", `${ties}update-priorities/`, [], { body: [{ id: made.id, priority: 0 }], status: 200 });
      const typed = "/api/v1/features/featurestates/";
      const value = { type: "bool", boolean_value: true };
      const body = {
        feature: feature.id,
        environment: environment.id,
        feature_segment: made.id,
        feature_state_value: value,
      };
      const override = await ask("post", typed, [], { body });
      await ask("get", typed, [], { query: `?environment=${environment.id}` });
      await ask("get", `${typed}get-by-uuid/{}/`, [override.uuid]);
      await ask("put", `${typed}{}/`, [override.id], { body });
      await ask("patch", `${typed}{}/`, [override.id], { body: { enabled: true } });
      await ask("get", "/api/v1/projects/{}/segments/{}/associated-features/", [project.id, segment.id]);
      await ask("delete", `${ties}{}/`, [made.id]);
      const one = "/api/v1/environments/{}/features/{}/create-segment-override/";
      const inOne = { feature_segment: { segment: segment.id }, feature_state_value: value };
      await ask("post", one, [key(), feature.id], { body: inOne });
      const flag = "/api/__future__/environments/{}/features/{}/";
      const [variant] = feature["multivariate_options"] as Body[];
      const variants = [{ id: variant?.id, weight: 20.5 }];
      await ask("get", flag, [key(), feature.id]);
      await ask("put", flag, [key(), feature.id], { body: { environment_default: { variants } } });
      await ask("patch", flag, [key(), feature.id], {
        body: { segment_overrides: [{ segment: { id: segment.id }, variants }] },
      });
      await ask("delete", `${flag}segment-overrides/{}/`, [key(), feature.id, segment.id], { status: 200 });
    });

    test("identity overrides among states, clones, documents and the ends of things", async () => {
      const identities = `/api/v1/environments/${key()}/identities/`;
      const ana = await stage.send(201, "POST", identities, { identifier: "ana" });
      const body = { feature: feature.id, enabled: true, feature_state_value: "hers" };
      await stage.send(201, "POST", `${identities}${ana.id}/featurestates/`, body);
      await ask("get", "/api/v1/environments/{}/featurestates/", [key()], { query: "?anyIdentity=1" });
      await ask("get", "/api/v1/environments/{}/document/", [key()]);
      const clone = await ask("post", "/api/v1/environments/{}/clone/", [key()], { body: { name: "c" }, status: 200 });
      await ask("delete", "/api/v1/environments/{}/", [clone["api_key"]]);
      await ask("delete", "/api/v1/projects/{}/features/{}/", [project.id, feature.id]);
    });

    test("owners are objects, as Terraform's provider and Flagsmith's dashboard read them, whatever is described", async () => {
      const { kysely } = stage.app.db;
      const person = { uuid: crypto.randomUUID(), email: "o@w.example", first_name: "O", last_name: "W" };
      const values = { ...person, sign_up_type: null, is_active: 1, created_at: 1, last_login_at: null };
      const { id } = await kysely.insertInto("users").values(values).returning("id").executeTakeFirstOrThrow();
      const member = { organisation_id: stage.organisationId, user_id: id, role: "USER" as const, joined_at: 1 };
      await kysely.insertInto("organisation_members").values(member).execute();
      const path = `/api/v1/projects/${project.id}/features/`;
      const owned = await stage.send(201, "POST", path, { name: "owned", owners: [id] });
      expect(owned["owners"]).toMatchObject([{ id, email: "o@w.example" }]);
      expect(schemas.faults("get /api/v1/projects/{}/features/{}/", 200, owned)).toEqual(["/owners/0 must be integer"]);
    });

    test("every operation of these nouns was asked, or is named as left out with a reason", async () => {
      await ask("delete", "/api/v1/organisations/{}/", [stage.organisationId]);
      // Only people may create organisations: their shape is that of reading one.
      asked.add("post /api/v1/organisations/");
      const described = schemas.operations.filter(isOurs);
      expect(described.length).toBeGreaterThan(90);
      expect(described.filter((operation) => !asked.has(operation)).sort()).toEqual(Object.keys(NOT_OFFERED).sort());
    });
  },
);
