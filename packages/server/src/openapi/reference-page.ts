/** The OpenAPI document as one page for people: no script, nothing from elsewhere. */
import type { OpenApiDocument } from "./document.ts";
import { type Html, html, join, prose } from "./html.ts";
import { type Answer, errorName, type Operation, type Parameter, type Reference } from "./operation.ts";
import type { JsonSchema } from "./schema-book.ts";
import { fieldTable, resolveSchema, type Schemas, typeText } from "./schema-text.ts";

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

const anchor = (tag: string): string => `tag-${tag.replace(/\W+/g, "-")}`;

/** A path may break after a slash, and what is filled in stands out. */
function pathText(path: string): Html {
  const pieces = path
    .split(/(\{\w+\})/)
    .map((piece) => (piece.startsWith("{") ? html`<em>${piece}</em>` : breakable(piece)));
  return html`<code class="path">${join(pieces, "")}</code>`;
}

const breakable = (text: string): Html =>
  join(
    text.split("/").map((piece) => html`${piece}`),
    "/<wbr>",
  );

function entriesByTag(document: OpenApiDocument): Map<string, Entry[]> {
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Entry[] => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
  const byTag = Map.groupBy(entries, ({ operation }) => operation.tags[0] ?? "");
  return new Map([...byTag].sort(([a], [b]) => a.localeCompare(b, "en")));
}

function parameterTable(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      html`<tr><td><code>${name}</code>${required ? undefined : html` <small>optional</small>`}</td><td>${place}</td><td>${typeText(schema)}</td><td>${description === undefined ? undefined : prose(description)}</td></tr>`,
  );
  return html`<h4>Parameters</h4><table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows}</tbody></table>`;
}

const contentOf = (content: Answer["content"]): [string, JsonSchema] | undefined => {
  const [first] = Object.entries(content ?? {});
  return first && [first[0], first[1].schema];
};

/** What is answered when all goes well. */
function resultOf(schemas: Schemas, { responses }: Operation): JsonSchema {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  const found = contentOf(success?.$ref === undefined ? success?.content : undefined);
  return found ? resolveSchema(schemas, found[1]) : {};
}

function bodyBlock(schemas: Schemas, operation: Operation): Html {
  const { requestBody } = operation;
  const found = contentOf(requestBody?.content);
  if (!found) return html``;
  const [, schema] = found;
  const table = fieldTable(resolveSchema(schemas, schema), resultOf(schemas, operation));
  return html`<h4>Body</h4><p>${typeText(schema)}${requestBody?.required ? undefined : ", may be empty"}</p>${table}`;
}

const isReference = (answer: Answer | Reference): answer is Reference => answer.$ref !== undefined;

function answerRow([status, answer]: [string, Answer | Reference]): Html {
  if (isReference(answer)) return html``;
  const shown = Object.entries(answer.content ?? {}).map(([type, { schema }]) =>
    type === "application/json" ? html`${typeText(schema)}${fieldTable(schema)}` : html`<code>${type}</code>`,
  );
  return html`<dt>${status}</dt><dd>${shown.length === 0 ? "no body" : join(shown, " or ")}</dd>`;
}

function answersBlock({ responses }: Operation): Html {
  const entries = Object.entries(responses);
  const refusals = entries.flatMap(([status, answer]) =>
    isReference(answer) ? [html`<a href="#errors">${status}</a>`] : [],
  );
  return html`<h4>Answers</h4><dl class="answers">${entries.map(answerRow)}<dt class="refusals">Refusals</dt><dd>${join(refusals, " ")}</dd></dl>`;
}

function operationBlock(schemas: Schemas, { method, path, operation }: Entry): Html {
  const { parameters = [], description } = operation;
  return html`<details id="${operation.operationId}"><summary><span class="method ${method}">${method.toUpperCase()}</span>${pathText(path)}<span class="summary">${operation.summary}</span></summary><div class="operation"><p class="who"><strong>Who may</strong> ${prose(operation["x-who-may"])}</p>${description === undefined ? undefined : html`<p>${prose(description)}</p>`}${parameters.length > 0 ? parameterTable(parameters) : undefined}${bodyBlock(schemas, operation)}${answersBlock(operation)}</div></details>`;
}

function navigation(byTag: ReadonlyMap<string, readonly Entry[]>): Html {
  const items = [...byTag].map(
    ([tag, entries]) => html`<li><a href="#${anchor(tag)}">${tag}</a> <small>${entries.length}</small></li>`,
  );
  return html`<nav aria-label="Contents"><a class="name" href="#top">Burgee API</a><ul><li><a href="#credentials">credentials</a></li><li><a href="#errors">errors</a></li></ul><ul>${items}</ul><ul><li><a href="#schemas">schemas</a></li></ul></nav>`;
}

interface Described {
  readonly description: string;
}

function credentials({ components }: OpenApiDocument): Html {
  const items = Object.values(components.securitySchemes as Readonly<Record<string, Described>>).map(
    ({ description }) => html`<li>${prose(description)}</li>`,
  );
  return html`<section id="credentials"><h2>Credentials</h2><ul>${items}</ul></section>`;
}

function errors({ components }: OpenApiDocument): Html {
  const named = components.responses as Readonly<Record<string, Described & Answer>>;
  const items = Object.entries(errorName).map(([status, name]) => {
    const answer = named[name];
    const found = contentOf(answer?.content);
    return html`<tr><td>${status}</td><td>${answer?.description}</td><td>${found ? typeText(found[1]) : undefined}</td></tr>`;
  });
  return html`<section id="errors"><h2>Errors</h2><table><thead><tr><th>Status</th><th>When</th><th>Body</th></tr></thead><tbody>${items}</tbody></table></section>`;
}

function schemaSection(schemas: Schemas): Html {
  const blocks = Object.entries(schemas).map(
    ([name, schema]) =>
      html`<article id="schema-${name}"><h3>${name}</h3>${typeof schema["description"] === "string" ? html`<p>${prose(schema["description"])}</p>` : undefined}${Object.keys(schema).includes("properties") ? undefined : html`<p>${typeText(schema)}</p>`}${fieldTable(schema)}</article>`,
  );
  return html`<section id="schemas"><h2>Schemas</h2>${blocks}</section>`;
}

/** `assets` is the folder of this page's style sheet, and of the document in its two forms. */
export function referencePage(
  document: OpenApiDocument,
  { style, json, yaml }: Readonly<Record<string, string>>,
): string {
  const byTag = entriesByTag(document);
  const { schemas } = document.components;
  const sections = [...byTag].map(
    ([tag, entries]) =>
      html`<section id="${anchor(tag)}"><h2>${tag}</h2>${entries.map((entry) => operationBlock(schemas, entry))}</section>`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Burgee API</title><link rel="stylesheet" href="${style}"></head>
<body id="top">${navigation(byTag)}<main><h1>Burgee API <small>${document.info.version}</small></h1><p>${prose(document.info.description)}</p><p>For machines, OpenAPI 3.1: <a href="${json}">JSON</a>, <a href="${yaml}">YAML</a>.</p>${credentials(document)}${errors(document)}${sections}${schemaSection(schemas)}</main></body></html>
`.text;
}
