// SPDX-License-Identifier: Apache-2.0
// An OpenAPI document as people read it: operations in groups, schemas as trees of members. Types and
// rules are told in signs and in the document's own words, so they need no translation.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

interface Response {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema?: Schema }>;
}
export interface Parameter {
  name: string;
  in: string; // "path", "query", "header"
  required?: boolean;
  description?: string;
  schema?: Schema;
}
interface Described {
  operationId?: string;
  summary?: string;
  security?: Record<string, string[]>[];
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, Response>;
}
export interface Document {
  info?: { title?: string; version?: string };
  paths?: Record<string, Record<string, Described>>;
  components?: object;
}

// --- schemas ---

export interface Tree {
  type: string; // "string", "object[]", "integer | null"
  facts: string[]; // what else its values keep to
  about: string;
  members: { name: string; isRequired: boolean; tree: Tree }[];
  choices: Tree[]; // it is one of these
}

const MAX_DEPTH = 12; // of what is shown, and of references that lead to references
export const ANY_NAME = "*"; // a member's that may be called anything

function pointed(document: Document, pointer: string): unknown {
  let at: unknown = document;
  for (const part of pointer.replace(/^#\//, "").split("/"))
    at = (at as Record<string, unknown> | undefined)?.[part.replace(/~1/g, "/").replace(/~0/g, "~")];
  return at;
}

function resolved<Part extends object>(document: Document, given: Part | { $ref?: string }): Part {
  let part: unknown = given;
  for (let i = 0; i < MAX_DEPTH; i++) {
    const { $ref } = part as { $ref?: string };
    if ($ref === undefined) return part as Part;
    part = pointed(document, $ref) ?? {};
  }
  return {} as Part; // round in a circle
}

function joined(one: Schema, other: Schema): Schema {
  const properties = { ...one.properties };
  for (const [name, schema] of Object.entries(other.properties ?? {}))
    properties[name] = properties[name] ? { allOf: [properties[name], schema] } : schema;
  const required = [...(one.required ?? []), ...(other.required ?? [])];
  return { ...one, ...other, ...(Object.keys(properties).length > 0 ? { properties } : {}), required };
}

// Without $ref and allOf at its top.
function flat(document: Document, given: Schema, depth = 0): Schema {
  const { allOf, ...own } = resolved<Schema>(document, given);
  if (!allOf || depth > MAX_DEPTH) return own;
  return allOf.map((part) => flat(document, part, depth + 1)).reduce(joined, own);
}

const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const told = (value: unknown): string => JSON.stringify(value);

function typeOf(schema: Schema): string {
  if (schema.type !== undefined) return [schema.type].flat().join(" | ");
  if ("const" in schema) return kindOf(schema.const);
  if (schema.enum) return [...new Set(schema.enum.map(kindOf))].join(" | ");
  if (schema.properties) return "object";
  return schema.items ? "array" : "any";
}

function rangeOf(name: string, least: number | undefined, most: number | undefined): string[] {
  const low = least === undefined ? [] : [`${name}≥ ${least}`];
  return most === undefined ? low : [...low, `${name}≤ ${most}`];
}

function factsOf(schema: Schema): string[] {
  const facts = [];
  if ("const" in schema) facts.push(told(schema.const));
  if (schema.enum) facts.push(schema.enum.map(told).join(" | "));
  if (schema.format) facts.push(schema.format);
  if (schema.pattern) facts.push(`/${schema.pattern}/`);
  facts.push(...rangeOf("", schema.minimum, schema.maximum));
  facts.push(...rangeOf("length ", schema.minLength, schema.maxLength));
  facts.push(...rangeOf("items ", schema.minItems, schema.maxItems));
  return facts;
}

const says = ({ facts, members, choices }: Tree): boolean => facts.length + members.length + choices.length > 0;

function unionOf(trees: Tree[], about: string): Tree {
  const type = [...new Set(trees.map((tree) => tree.type))].join(" | ");
  const more = trees.filter(says);
  if (more.length > 1) return { type, facts: [], about, members: [], choices: more };
  const { facts, members, choices } = more[0] ?? { facts: [], members: [], choices: [] };
  return { type, facts, about: about || more[0]?.about || "", members, choices };
}

function membersOf(document: Document, schema: Schema, depth: number): Tree["members"] {
  const members = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    isRequired: schema.required?.includes(name) ?? false,
    tree: treeOf(document, property, depth + 1),
  }));
  const { additionalProperties: others } = schema;
  if (typeof others !== "object") return members;
  return [...members, { name: ANY_NAME, isRequired: false, tree: treeOf(document, others, depth + 1) }];
}

export function treeOf(document: Document, given: Schema, depth = 0): Tree {
  if (depth > MAX_DEPTH) return { type: "…", facts: [], about: "", members: [], choices: [] };
  const schema = flat(document, given);
  const about = schema.description ?? "";
  const options = (schema.anyOf ?? schema.oneOf)?.map((option) => treeOf(document, option, depth + 1));
  const members = membersOf(document, schema, depth);
  if (options && members.length === 0) return unionOf(options, about);
  if (schema.items) {
    const item = treeOf(document, schema.items, depth + 1);
    const type = item.type.includes(" | ") ? `(${item.type})[]` : `${item.type}[]`;
    return { ...item, type, facts: [...factsOf(schema), ...item.facts], about: about || item.about };
  }
  return { type: typeOf(schema), facts: factsOf(schema), about, members, choices: options?.filter(says) ?? [] };
}

// The least that a schema asks for, to be filled in by whoever copies it.
export function sampleOf(document: Document, given: Schema, depth = 0): unknown {
  const schema = flat(document, given);
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const option = schema.properties ? undefined : (schema.anyOf ?? schema.oneOf)?.[0];
  if (option && depth < MAX_DEPTH) return sampleOf(document, option, depth + 1);
  const type = typeOf(schema).split(" | ")[0];
  if (type === "integer" || type === "number") return schema.minimum ?? 0;
  if (type === "boolean") return false;
  if (type === "array") return [];
  if (type !== "object") return type === "null" ? null : "";
  if (depth >= MAX_DEPTH) return {};
  const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(wanted.map(([name, property]) => [name, sampleOf(document, property, depth + 1)]));
}

// --- operations ---

export interface Answer {
  status: string;
  about: string;
  types: string[];
  schema: Schema | null; // null: nothing but the type is said of it
}
export interface Problem {
  status: string;
  about: string;
  codes: string[];
}
export interface Operation {
  id: string;
  method: string; // in capitals
  path: string;
  summary: string;
  scopes: string[]; // that a key needs, where one is needed
  isOpen: boolean; // to everybody
  parameters: Parameter[];
  body: { types: string[]; schema: Schema | null } | null;
  answers: Answer[];
  problems: Problem[];
  canAsk: boolean; // from the page: it reads, for everybody, and comes to an end
}

const PROBLEM = "application/problem+json";
const METHODS = ["get", "post", "put", "patch", "delete"];

// Null where nothing is said, by `{}` too.
function schemaIn(content: Record<string, { schema?: Schema }>): Schema | null {
  const schema = Object.values(content).find(({ schema: one }) => one && Object.keys(one).length > 0)?.schema;
  return schema ?? null;
}

function codesOf(document: Document, schema: Schema | undefined): string[] {
  const code = flat(document, schema ?? {}).properties?.["code"];
  return ((code && flat(document, code).enum) ?? []).map(String);
}

function operationOf(document: Document, method: string, path: string, described: Described): Operation {
  const answers: Answer[] = [];
  const problems: Problem[] = [];
  for (const [status, given] of Object.entries(described.responses ?? {})) {
    const { description: about = "", content = {} } = resolved<Response>(document, given);
    if (PROBLEM in content) problems.push({ status, about, codes: codesOf(document, content[PROBLEM]?.schema) });
    else answers.push({ status, about, types: Object.keys(content), schema: schemaIn(content) });
  }
  const content = described.requestBody?.content;
  const security = described.security ?? [];
  const types = answers.filter(({ status }) => status.startsWith("2")).flatMap((answer) => answer.types);
  const isOpen = security.length === 0;
  return {
    id: described.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: described.summary ?? "",
    scopes: security.flatMap((one) => Object.values(one).flat()),
    isOpen,
    parameters: (described.parameters ?? []).map((one) => resolved<Parameter>(document, one)),
    body: content ? { types: Object.keys(content), schema: schemaIn(content) } : null,
    answers,
    problems,
    canAsk: method === "get" && isOpen && types.length > 0 && !types.includes("text/event-stream"),
  };
}

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    METHODS.filter((method) => method in methods).map((method) => operationOf(document, method, path, methods[method]!)),
  );
}

// "/v1/blocks/{height}" is of "/v1/blocks", "/events/{id}" of "/events".
function groupOf(path: string): string {
  const [first = "", second] = path.split("/").slice(1);
  return /^v\d+$/.test(first) && second !== undefined ? `/${first}/${second}` : `/${first}`;
}

export function groupsOf(operations: Operation[]): { name: string; operations: Operation[] }[] {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const name = groupOf(operation.path);
    groups.set(name, [...(groups.get(name) ?? []), operation]);
  }
  return [...groups].map(([name, of]) => ({ name, operations: of }));
}

// Every word of the text stands somewhere in what the operation is called by.
export function matches(operation: Operation, text: string): boolean {
  const { id, method, path, summary, scopes, parameters, problems } = operation;
  const names = [...scopes, ...parameters.map(({ name }) => name), ...problems.flatMap(({ codes }) => codes)];
  const all = [id, method, path, summary, ...names].join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
