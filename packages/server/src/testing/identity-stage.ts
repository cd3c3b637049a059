/** A stage for tests of identities: two imported environments of one organisation, each with features of its own. */
import { type AdminClient, createAdminClient, createOrganisation } from "./test-admin.ts";
import { createTestApp, type TestApp } from "./test-app.ts";

/** The first environment's. */
export const KEY = "adminIdentitiesKey";
export const BASE = `/api/v1/environments/${KEY}/identities/`;

const state = (id: number, name: string, more: object = {}) => ({
  feature: { id, name, type: "STANDARD" },
  enabled: false,
  django_id: id + 100,
  featurestate_uuid: `00000000-0000-4000-8000-00000000000${id}`,
  feature_state_value: "default",
  feature_segment: null,
  multivariate_feature_state_values: [],
  ...more,
});

const option = (id: number, key: string) => ({
  id,
  mv_fs_value_uuid: `00000000-0000-4000-9000-00000000000${id}`,
  percentage_allocation: 50,
  multivariate_feature_option: { id, key, value: key },
});

const segment = {
  id: 1,
  name: "pros",
  rules: [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property_: "plan", value: "pro" }] }],
  feature_states: [
    state(2, "two", {
      django_id: 202,
      enabled: true,
      feature_segment: { priority: 0 },
      featurestate_uuid: "00000000-0000-4000-8000-000000000099",
    }),
  ],
};

const document = (id: number, key: string, organisation: number) => ({
  id,
  api_key: key,
  name: `Environment ${id}`,
  updated_at: "2026-01-01T00:00:00.000000+00:00",
  project: {
    id,
    name: `Project ${id}`,
    hide_disabled_flags: false,
    enable_realtime_updates: false,
    server_key_only_feature_ids: [],
    organisation: {
      id: organisation,
      name: "Acme",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: id === 1 ? [segment] : [],
  },
  feature_states:
    id === 1
      ? [
          state(1, "one"),
          state(2, "two"),
          state(3, "three", {
            feature: { id: 3, name: "three", type: "MULTIVARIATE" },
            multivariate_feature_state_values: [option(1, "a"), option(2, "b")],
          }),
        ]
      : [state(4, "four")],
  identity_overrides: [],
});

export const body = <T>(answer: { body: unknown }): T => answer.body as T;

interface ServedFlag {
  readonly enabled: boolean;
  readonly feature_state_value: unknown;
  readonly variant: unknown;
}

export interface IdentityStage {
  readonly app: TestApp;
  readonly admin: AdminClient;
  /** Of another organisation. */
  readonly stranger: AdminClient;
  /** May see the environment and its identities. */
  readonly viewer: AdminClient;
  /** Answers its number. */
  create(identifier: string): Promise<number>;
  /** As an SDK is told of it. */
  flagOf(identifier: string, name: string): Promise<ServedFlag>;
}

export async function createIdentityStage(): Promise<IdentityStage> {
  const app = await createTestApp();
  await createOrganisation(app.db, "Acme");
  await app.importDocument(document(1, KEY, 1), "ser.adminOne");
  await app.importDocument(document(2, "otherKey", 1), "ser.adminTwo");
  const other = await createOrganisation(app.db, "Other");
  const admin = await createAdminClient(app.db, app.request, 1);
  const permissions = ["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"];
  return {
    app,
    admin,
    stranger: await createAdminClient(app.db, app.request, other),
    viewer: await createAdminClient(app.db, app.request, 1, [{ scope: "environment", id: 1, permissions }]),
    create: async (identifier) => {
      const made = await admin.call("POST", BASE, { identifier });
      if (made.status !== 201) throw new Error(`${identifier} was answered ${made.status}`);
      return body<{ id: number }>(made).id;
    },
    flagOf: async (identifier, name) => {
      const path = `/api/v1/identities/?identifier=${identifier}&feature=${name}`;
      const answer = await app.request(path, { headers: { "X-Environment-Key": KEY } });
      return (await answer.json()) as ServedFlag;
    },
  };
}
