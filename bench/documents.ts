/**
 * The environments that are measured: the shared conformance documents where they are at hand, else documents of the same
 * shape made here, so that a plain clone measures the same work. 10, 100 or 500 features and 5, 100 or 500 segments of 5 conditions.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type DocumentSize = "small" | "medium" | "large";

const SHARED = join(import.meta.dir, "..", "..", "shared", "conformance", "documents");

interface Shape {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly features: number;
  readonly segments: number;
  /** Added to every id, so that the documents fit into one database. */
  readonly base: number;
}

const SHAPES: Readonly<Record<DocumentSize, Shape>> = {
  small: { id: 101, key: "burgeeDemoSmallKey00", name: "Staging", features: 10, segments: 5, base: 0 },
  medium: { id: 102, key: "burgeeDemoMediumKey00", name: "Production", features: 100, segments: 100, base: 10_000_000 },
  large: { id: 103, key: "burgeeDemoLargeKey00", name: "Load", features: 500, segments: 500, base: 20_000_000 },
};

/** What an SDK would present to that environment. */
export const clientKey = (size: DocumentSize): string => SHAPES[size].key;
export const environmentId = (size: DocumentSize): number => SHAPES[size].id;

/** The environment document as JSON text. */
export function documentText(size: DocumentSize): string {
  const path = join(SHARED, `${size}.json`);
  return existsSync(path) ? readFileSync(path, "utf8") : JSON.stringify(makeDocument(size));
}

export const documentsAreShared = (): boolean => existsSync(SHARED);

const PLANS = ["free", "pro", "scale", "enterprise"];
const COUNTRIES = ["US,FR,JP,BR", "DE,US,GB,JP", "DE,FR,GB,BR"];
const UPDATED = "2026-06-01T12:00:00.123456+00:00";

const uuid = (group: string, id: number): string => `00000000-0000-4000-${group}-${String(id).padStart(12, "0")}`;

function makeState(shape: Shape, index: number, seed: number, change: Readonly<Record<string, unknown>>) {
  const isSplit = index % 10 === 0;
  const id = shape.base + seed;
  const share = (variant: number) => ({
    id: id * 10 + variant,
    percentage_allocation: 30,
    multivariate_feature_option: {
      id: shape.base * 10 + (index + 1) * 10 + variant,
      key: `variant-${variant === 1 ? "a" : "b"}`,
      value: variant === 1 ? "a" : "b",
    },
    mv_fs_value_uuid: uuid("a000", id * 10 + variant),
  });
  return {
    feature: { id: shape.base + index + 1, name: `feature_${index}`, type: isSplit ? "MULTIVARIATE" : "STANDARD" },
    enabled: index % 3 !== 0,
    django_id: id,
    feature_state_value: `v${index}`,
    featurestate_uuid: uuid("8000", id),
    multivariate_feature_state_values: isSplit ? [share(1), share(2)] : [],
    feature_segment: null,
    ...change,
  };
}

function makeSegment(shape: Shape, index: number) {
  const value = (list: readonly string[]) => list[index % list.length] ?? "";
  const conditions = [
    { operator: "EQUAL", property_: "plan", value: value(PLANS) },
    { operator: "IN", property_: "country", value: value(COUNTRIES) },
    { operator: "GREATER_THAN_INCLUSIVE", property_: "age", value: String(18 + (index % 50)) },
    { operator: "CONTAINS", property_: "email", value: value(["@corp.io", "@example.com"]) },
    { operator: "PERCENTAGE_SPLIT", property_: "", value: String(10 + ((index * 7) % 90)) },
  ];
  const feature = (index * 37 + 4) % shape.features;
  const change = { enabled: true, feature_state_value: `s${index}`, feature_segment: { priority: index } };
  return {
    id: shape.base + index + 1,
    name: `segment_${index}`,
    rules: [{ type: "ALL", conditions: [], rules: [{ type: index % 3 === 0 ? "ANY" : "ALL", conditions, rules: [] }] }],
    feature_states: [makeState(shape, feature, 100_000 + index, change)],
  };
}

function makeOverride(shape: Shape, user: number) {
  return {
    identifier: `user-${user}`,
    environment_api_key: shape.key,
    created_date: "2026-05-01T00:00:00.000000+00:00",
    django_id: shape.base + 9000 + user,
    identity_uuid: uuid("9000", user),
    dashboard_alias: null,
    composite_key: `${shape.key}_user-${user}`,
    identity_traits: [],
    identity_features: [1, 2].map((index) =>
      makeState(shape, index, 700_000 + (user - 7) * 2 + index, { enabled: index === 1 }),
    ),
  };
}

/** Exported for its test: the shape must stay importable where the shared documents are missing. */
export function makeDocument(size: DocumentSize): Readonly<Record<string, unknown>> {
  const shape = SHAPES[size];
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  return {
    id: shape.id,
    api_key: shape.key,
    name: shape.name,
    updated_at: UPDATED,
    allow_client_traits: true,
    hide_sensitive_data: false,
    hide_disabled_flags: null,
    use_identity_composite_key_for_hashing: true,
    use_identity_overrides_in_local_eval: true,
    project: {
      id: shape.id - 90,
      name: `Benchmark ${size}`,
      hide_disabled_flags: false,
      enable_realtime_updates: true,
      server_key_only_feature_ids: [],
      organisation: {
        id: 1,
        name: "Benchmark organisation",
        feature_analytics: false,
        stop_serving_flags: false,
        persist_trait_data: true,
      },
      segments: count(shape.segments).map((index) => makeSegment(shape, index)),
    },
    feature_states: count(shape.features).map((index) => makeState(shape, index, 1000 + index, {})),
    identity_overrides: [7, 8, 9].map((user) => makeOverride(shape, user)),
  };
}
