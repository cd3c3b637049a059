/** The served OpenAPI document, to hold answers against. */
import type { App } from "../../app.ts";
import { type Schema, schemaFaults } from "../json-schema.ts";

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

export interface Contract {
  readonly document: Document;
  /** How an answer differs from what is documented. */
  faults(method: string, path: string, status: number, body: unknown): string[];
}

export async function readContract(request: App["request"]): Promise<Contract> {
  const document = (await (await request("/api/v1/swagger.json")).json()) as Document;
  const { schemas, responses } = document.components;

  const resolve = (answer: Answer | undefined): Answer | undefined =>
    answer?.$ref === undefined ? answer : responses[answer.$ref.replace("#/components/responses/", "")];

  return {
    document,
    faults: (method, path, status, body) => {
      const operation = document.paths[path]?.[method.toLowerCase()];
      if (!operation) return [`${method} ${path} is not in the document`];
      const answer = resolve(operation.responses[String(status)]);
      if (!answer) return [`the document does not know ${status} here`];
      const schema = answer.content?.["application/json"]?.schema;
      if (!schema) return body === undefined ? [] : ["the document knows no body here"];
      return schemaFaults(schemas, schema, body);
    },
  };
}
