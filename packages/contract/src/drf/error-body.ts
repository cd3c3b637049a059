/** From zod's flat list of issues to the nested error bodies of Django REST framework. */
import type { z } from "zod";

/** Texts for a field, an object by field, or a list by position with `{}` for items that are fine; `detail` is one text. */
export type ErrorBody = string | readonly ErrorBody[] | { readonly [key: string]: ErrorBody };

interface Node {
  readonly messages: string[];
  readonly children: Map<PropertyKey, Node>;
}

/**
 * Builds the error body. A number in an issue's path makes a positional list, as long as the list in `input`; a text makes
 * an object. Where a place has messages of its own besides those of its parts, they go under "non_field_errors".
 */
export function errorBody(issues: readonly z.core.$ZodIssue[], input: unknown): ErrorBody {
  const root = emptyNode();
  for (const issue of issues) nodeAt(root, placeOf(issue)).messages.push(issue.message);
  return render(root, input);
}

function emptyNode(): Node {
  return { messages: [], children: new Map() };
}

/** Django REST puts a wrongly typed object or list into the non-field errors of the place where it was expected. */
function placeOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  if (issue.code !== "invalid_type" || !containers.has(issue.expected) || /^This field /.test(issue.message)) {
    return issue.path;
  }
  return [...issue.path, "non_field_errors"];
}

const containers: ReadonlySet<string> = new Set(["object", "record", "array", "tuple"]);

function nodeAt(root: Node, path: readonly PropertyKey[]): Node {
  let node = root;
  for (const key of path) {
    let child = node.children.get(key);
    if (child === undefined) {
      child = emptyNode();
      node.children.set(key, child);
    }
    node = child;
  }
  return node;
}

function render(node: Node, input: unknown): ErrorBody {
  if (node.children.size === 0) return node.messages;
  const indexes = [...node.children.keys()].filter((key) => typeof key === "number");
  if (indexes.length === node.children.size && node.messages.length === 0) return renderList(node, indexes, input);
  const body = new Map<string, ErrorBody>();
  if (node.messages.length > 0) body.set("non_field_errors", node.messages);
  for (const [key, child] of node.children) body.set(String(key), render(child, partOf(input, key)));
  return Object.fromEntries(body);
}

function renderList(node: Node, indexes: readonly number[], input: unknown): ErrorBody {
  const sent = Array.isArray(input) ? input.length : 0;
  const length = indexes.reduce((longest, index) => Math.max(longest, index + 1), sent);
  return Array.from({ length }, (_, index) => {
    const child = node.children.get(index);
    return child === undefined ? {} : render(child, partOf(input, index));
  });
}

function partOf(input: unknown, key: PropertyKey): unknown {
  if (typeof input !== "object" || input === null) return undefined;
  return Reflect.get(input, key);
}
