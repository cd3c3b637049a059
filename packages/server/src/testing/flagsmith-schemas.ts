/** Flagsmith's own description of its admin API, where it is at hand: for tests that hold our answers against it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";

const FILE = join(import.meta.dir, "..", "..", "..", "..", "..", "shared", "contract", "flagsmith-admin.openapi.yaml");

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type ApiMethod = (typeof METHODS)[number];

export interface FlagsmithSchemas {
  /** "get /api/v1/projects/{}/": parameters have no names here, since ours are called otherwise. */
  readonly operations: readonly string[];
  /** What is wrong with an answer; nothing where it is as described. Throws where the status is not described. */
  faults(operation: string, status: number, body: unknown): readonly string[];
}

/** Why the tests cannot run, or undefined. */
export const flagsmithSchemasMissing = existsSync(FILE)
  ? undefined
  : "shared/contract/flagsmith-admin.openapi.yaml is not here";

const unnamed = (path: string): string => path.replace(/\{[^}]*\}/g, "{}");

interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const FORMATS = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  uri: /^https?:\/\//,
  email: /^[^@\s]+@[^@\s]+$/,
} as const;

export function openFlagsmithSchemas(): FlagsmithSchemas {
  const document = Bun.YAML.parse(readFileSync(FILE, "utf8")) as { paths: Record<string, Record<string, Described>> };
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { ...FORMATS, double: true, int64: true } });
  ajv.addSchema({ $id: "flagsmith", ...document });
  const described = new Map<string, { readonly pointer: string; readonly responses: Described["responses"] }>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (!operation) continue;
      const pointer = `flagsmith#/paths/${path.replaceAll("/", "~1").replace(/[{}]/g, encodeURIComponent)}/${method}/responses`;
      described.set(`${method} ${unnamed(path)}`, { pointer, responses: operation.responses });
    }
  }
  return {
    operations: [...described.keys()],
    faults: (operation, status, body) => {
      const found = described.get(operation);
      const response = found?.responses[String(status)];
      if (!found || !response) throw new Error(`${status} of ${operation} is not described.`);
      if (!response.content) return body === undefined ? [] : ["A body where none is described."];
      const validate = ajv.compile({ $ref: `${found.pointer}/${status}/content/application~1json/schema` });
      if (validate(body)) return [];
      return (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message}`);
    },
  };
}
