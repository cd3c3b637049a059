/** What each import wall lets through and what it stops, folder by folder. biome.json holds the walls; walls.test.ts compares. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export const PROJECT = dirname(import.meta.dir);
export const RESOURCES = join(PROJECT, "packages", "server", "src", "resources");
export const S = "packages/server/src";

export interface Wall {
  readonly name: string;
  readonly file: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const accessWall: Wall = {
  name: "access",
  file: `${S}/access/probe.ts`,
  allowed: ["./caller.ts", "../db/tables.ts", "../errors.ts", "kysely", "node:crypto"],
  forbidden: [
    "../http/headers.ts",
    "../changes/commit.ts",
    "../resources/flags/flags.sdk.ts",
    "../app.ts",
    "bun:sqlite",
  ],
};

const resourceWall = (noun: string): Wall => ({
  name: `resources/${noun}`,
  file: `${S}/resources/${noun}/probe.sdk.ts`,
  allowed: [
    "./probe.store.ts",
    "../../access/access.ts",
    "../../accounts/accounts.ts",
    "../../changes/commit.ts",
    "../../documents/documents.ts",
    "../../db/database.ts",
    "../../http/headers.ts",
    "../../jobs/jobs.ts",
    "../../search/search.ts",
    "../../errors.ts",
    "../../version.ts",
    "@burgee/contract",
    "@burgee/contract/sdk",
    "@burgee/engine",
    "hono",
    "zod",
  ],
  forbidden: [
    "../another/another.store.ts",
    "../another.ts",
    "../../resources/another/another.store.ts",
    "./../another/another.store.ts",
    "../../db/../resources/another/another.store.ts",
    "../../runtime/serve.ts",
    "../../config.ts",
    "../../app.ts",
    "../../main.ts",
    "../../testing/index.ts",
    "../../../../server/src/resources/another/another.store.ts",
    "@burgee/server/testing",
    "bun",
    "bun:sqlite",
  ],
});

export const NOUNS = existsSync(RESOURCES)
  ? readdirSync(RESOURCES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];
const NO_NOUNS = ["resources/flags/flags.store.ts", "documents/documents.ts", "changes/commit.ts"];

const searchWall: Wall = {
  name: "search",
  file: `${S}/search/probe.ts`,
  allowed: [
    "./matcher.ts",
    "../db/database.ts",
    "../errors.ts",
    "../runtime/worker.ts",
    "@burgee/contract/query",
    "@burgee/engine",
    "kysely",
  ],
  forbidden: [
    "../http/headers.ts",
    "../documents/documents.ts",
    "../changes/commit.ts",
    "../access/access.ts",
    "../runtime/serve.ts",
    "../resources/flags/flags.store.ts",
    "../db/../changes/commit.ts",
    "../app.ts",
    "bun:sqlite",
  ],
};

export const WALLS: readonly Wall[] = [
  accessWall,
  searchWall,
  {
    name: "engine",
    file: "packages/engine/src/probe.ts",
    allowed: ["re2js", "./segments.ts"],
    forbidden: [
      "zod",
      "node:fs",
      "@burgee/contract",
      "../../server/src/errors.ts",
      "./../../contract/src/index.ts",
      "bun",
    ],
  },
  {
    name: "contract",
    file: "packages/contract/src/sdk/probe.ts",
    allowed: ["zod", "@burgee/engine", "./flag.ts", "../json/parse-json.ts"],
    forbidden: [
      "hono",
      "node:fs",
      "@burgee/server",
      "../../../server/src/errors.ts",
      "../../../engine/src/evaluate.ts",
      "../../package.json",
      "bun:test",
    ],
  },
  {
    name: "server/http",
    file: `${S}/http/probe.ts`,
    allowed: ["hono", "../errors.ts", "../db/database.ts", "@burgee/contract"],
    forbidden: [...NO_NOUNS.map((path) => `../${path}`), "../testing/index.ts", "../main.ts", "bun"],
  },
  {
    name: "server/errors",
    file: `${S}/errors.ts`,
    allowed: ["@burgee/contract"],
    forbidden: [...NO_NOUNS.map((path) => `./${path}`), "./main.ts", "bun"],
  },
  {
    name: "server/db",
    file: `${S}/db/sqlite/probe.ts`,
    allowed: ["kysely", "../tables.ts", "../../errors.ts", "../../runtime/sqlite.ts"],
    forbidden: [...NO_NOUNS.map((path) => `../../${path}`), "bun:sqlite"],
  },
  {
    name: "server/runtime",
    file: `${S}/runtime/probe.ts`,
    allowed: ["bun", "bun:sqlite", "../errors.ts"],
    forbidden: [...NO_NOUNS.map((path) => `../${path}`), "../main.ts"],
  },
  {
    name: "server/changes",
    file: `${S}/changes/probe.ts`,
    allowed: ["./revision.ts", "../db/database.ts", "../errors.ts", "kysely"],
    forbidden: [
      "../documents/documents.ts",
      "../resources/flags/flags.store.ts",
      "../http/headers.ts",
      "../config.ts",
      "../db/../documents/documents.ts",
      "@burgee/contract",
      "@burgee/engine",
      "bun:sqlite",
    ],
  },
  {
    name: "server/documents",
    file: `${S}/documents/probe.ts`,
    allowed: ["./loaded.ts", "../db/database.ts", "../errors.ts", "@burgee/engine"],
    forbidden: [
      "../changes/commit.ts",
      "../resources/flags/flags.store.ts",
      "../http/headers.ts",
      "../db/../changes/commit.ts",
      "@burgee/contract",
      "bun:sqlite",
    ],
  },
  {
    name: "server/accounts",
    file: `${S}/accounts/probe.ts`,
    allowed: [
      "./auth.ts",
      "../access/access.ts",
      "../changes/commit.ts",
      "../db/tables.ts",
      "../http/request-id.ts",
      "better-auth/api",
    ],
    forbidden: [
      "../documents/documents.ts",
      "../resources/flags/flags.store.ts",
      "../config.ts",
      "../db/../documents/documents.ts",
      "@burgee/engine",
      "bun:sqlite",
    ],
  },
  {
    name: "server/jobs",
    file: `${S}/jobs/probe.ts`,
    allowed: ["./job.ts", "../db/database.ts", "../runtime/worker.ts", "../errors.ts", "kysely"],
    forbidden: [
      "../changes/commit.ts",
      "../documents/documents.ts",
      "../resources/flags/flags.store.ts",
      "../http/headers.ts",
      "../db/../changes/commit.ts",
      "@burgee/contract",
      "bun:sqlite",
    ],
  },
  {
    name: "server/openapi",
    file: `${S}/openapi/probe.ts`,
    allowed: [
      "./document.ts",
      "./who-may/index.ts",
      "../http/admin-door.ts",
      "../errors.ts",
      "@burgee/contract/admin",
      "zod",
    ],
    forbidden: [
      "../db/database.ts",
      "../access/access.ts",
      "../changes/commit.ts",
      "../resources/flags/flags.sdk.ts",
      "../http/../db/database.ts",
      "../app.ts",
      "bun:sqlite",
    ],
  },
  ...["noun-of-tomorrow", ...NOUNS].map(resourceWall),
  {
    name: "a store",
    file: `${S}/resources/flags/probe.store.ts`,
    allowed: ["../../db/database.ts", "../../db/tables.ts", "kysely"],
    forbidden: [
      "./flags.sdk.ts",
      "../../http/headers.ts",
      "../../documents/documents.ts",
      "../../changes/commit.ts",
      "../identities/identities.store.ts",
      "../../db/../changes/commit.ts",
      "@burgee/contract",
      "@burgee/engine",
      "hono",
      "bun:sqlite",
    ],
  },
  {
    name: "a resource's test",
    file: `${S}/resources/flags/probe.test.ts`,
    allowed: ["bun:test", "./flags.store.ts", "../../testing/index.ts", "../../app.ts", "fast-check"],
    forbidden: ["../identities/identities.store.ts", "../../resources/identities/identities.store.ts"],
  },
  {
    name: "the rest of the server",
    file: `${S}/app.ts`,
    allowed: ["hono", "./resources/flags/flags.sdk.ts", "./documents/documents.ts", "./runtime/serve.ts"],
    forbidden: ["./main.ts", "./testing/index.ts", "@burgee/server/testing", "bun", "bun:sqlite"],
  },
  {
    name: "server/dashboard",
    file: `${S}/dashboard/probe.ts`,
    allowed: ["./site.ts", "node:fs"],
    forbidden: ["../http/headers.ts", "../db/database.ts", "../resources/flags/flags.sdk.ts", "./../app.ts", "bun"],
  },
  {
    name: "dashboard",
    file: "packages/dashboard/src/probe.ts",
    allowed: ["react", "@burgee/contract", "@burgee/engine", "./pages/flags.ts"],
    forbidden: ["@burgee/server", "@burgee/server/testing", "../../server/src/errors.ts", "node:fs", "bun:sqlite"],
  },
];
