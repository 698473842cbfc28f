// SPDX-License-Identifier: Apache-2.0
// A small OpenAPI document with one of everything that a server's has, for the page's tests and the
// stand-in. In the forms of the server's own (/openapi.json).
import type { Document } from "../docs/document";
import type { State } from "./mock";

const HASH = { type: "string", pattern: "^[0-9a-f]{64}$" };
const problem = (description: string, ...codes: string[]) => ({
  description,
  content: {
    "application/problem+json": {
      schema: { allOf: [{ $ref: "#/components/schemas/problem" }, { properties: { code: { enum: codes } } }] },
    },
  },
});
const answer = (description: string, schema: object, type = "application/json") => ({ description, content: { [type]: { schema } } });

export const SMALL = {
  openapi: "3.1.0",
  info: { title: "supplychain", version: "1" },
  paths: {
    "/v1/chain": {
      get: {
        operationId: "get_v1_chain",
        summary: "The chain, its head and its prices",
        security: [],
        parameters: [],
        responses: {
          "200": answer("Of the newest final block.", {
            type: "object",
            required: ["chain_id", "height"],
            properties: { chain_id: HASH, height: { type: "integer", minimum: 0 }, time: { type: "string", format: "date-time" } },
          }),
          "304": { description: "The client has it already." },
          "503": { $ref: "#/components/responses/503" },
        },
      },
    },
    "/v1/blocks": {
      get: {
        operationId: "get_v1_blocks",
        summary: "Final blocks, the newest first",
        security: [],
        parameters: [
          { name: "perPage", in: "query", description: "At most.", schema: { type: "integer", minimum: 1, maximum: 100 } },
          { name: "format", in: "query", schema: { enum: ["json", "csv"] } },
        ],
        responses: {
          "200": answer("A page.", {
            type: "object",
            required: ["items"],
            properties: { items: { type: "array", maxItems: 100, items: { type: "object", required: ["id"], properties: { id: HASH } } } },
          }),
        },
      },
    },
    "/v1/blocks/{height}": {
      get: {
        operationId: "get_v1_blocks_height",
        summary: "A final block",
        security: [],
        parameters: [{ name: "height", in: "path", required: true, description: "From 1 on.", schema: { type: "integer", minimum: 0 } }],
        responses: {
          "200": answer("The block.", { type: "object", properties: { id: HASH, transactions: { type: "array", items: HASH } } }),
          "400": problem("`not_a_height`. Its head is not well formed.", "bad_uri", "not_a_height"),
          "404": problem("`not_found`.", "not_found"),
        },
      },
    },
    "/v1/live": {
      get: {
        operationId: "get_v1_live",
        summary: "News as server-sent events",
        security: [],
        responses: { "200": answer("A stream that does not end.", {}, "text/event-stream") },
      },
    },
    "/v1/keys": {
      get: {
        operationId: "get_v1_keys",
        summary: "The API keys",
        security: [{ key: ["admin"] }],
        responses: { "200": answer("A page.", { type: "object" }) },
      },
      post: {
        operationId: "post_v1_keys",
        summary: "Makes an API key",
        security: [{ key: ["admin"] }],
        parameters: [{ $ref: "#/components/parameters/idempotency_key" }],
        requestBody: {
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["name", "scopes", "kind"],
                properties: {
                  name: { type: "string", minLength: 1, maxLength: 64 },
                  scopes: { type: "array", items: { type: "string" } },
                  kind: { enum: ["person", "program"], description: "Of its `holder`." },
                  limits: {
                    anyOf: [{ type: "object", properties: { day: { type: ["string", "null"], description: "In LMM." } } }, { type: "null" }],
                  },
                  labels: { type: "object", additionalProperties: { type: "string" } },
                  rest: { oneOf: [{ type: "object", properties: { a: { const: 1 } } }, { type: "object", properties: { b: { const: "it's" } } }] },
                },
              },
            },
          },
        },
        responses: {
          "201": answer("The key, told this once.", { type: "object", required: ["key"], properties: { key: HASH } }),
          "400": problem("`invalid_key`.", "invalid_key"),
          "503": { $ref: "#/components/responses/503" },
        },
      },
    },
    "/v1/transactions": {
      post: {
        operationId: "post_v1_transactions",
        summary: "Takes a signed transaction",
        security: [],
        requestBody: { content: { "application/octet-stream": { schema: {} } } },
        responses: { "202": answer("Taken.", { type: "object", properties: { id: HASH } }) },
      },
    },
    "/events/{id}": {
      delete: {
        operationId: "delete_events_id",
        summary: "Forgets an event",
        security: [{ key: [] }],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { "204": { description: "Done." } },
      },
    },
  },
  components: {
    parameters: { idempotency_key: { name: "Idempotency-Key", in: "header", schema: { type: "string", maxLength: 255 } } },
    responses: { "503": problem("Too busy; `Retry-After` says when.", "busy", "unavailable") },
    schemas: {
      problem: { type: "object", required: ["code"], properties: { code: { type: "string", description: "Stable." }, detail: { type: "string" } } },
      endless: { type: "object", properties: { more: { $ref: "#/components/schemas/endless" } } },
    },
  },
} satisfies Document & { openapi: string };

// In the state thousand there are a thousand operations, the small document's own among them.
export function documentOf(state: State): Document {
  if (state === "empty") return { ...SMALL, paths: {} };
  const { "/v1/chain": chain, "/v1/keys": keys } = SMALL.paths;
  if (state === "one") return { ...SMALL, paths: { "/v1/chain": chain, "/v1/keys": keys } }; // one that reads, one that writes
  if (state !== "thousand") return SMALL;
  const { get } = SMALL.paths["/v1/blocks/{height}"];
  const more = Array.from({ length: 992 }, (_, i) => {
    const of = { ...get, operationId: `get_v1_things_${i}_height`, summary: `A final block of the thing ${i}` };
    return [`/v1/things-${i % 40}/{height}/${"of-a-long-name-".repeat(i % 6)}${i}`, { get: of }] as const;
  });
  return { ...SMALL, paths: { ...SMALL.paths, ...Object.fromEntries(more) } };
}
