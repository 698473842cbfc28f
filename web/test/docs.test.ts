// SPDX-License-Identifier: Apache-2.0
// What the API's page makes of an OpenAPI document, without a browser.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { SMALL, documentOf } from "../dev/docs";
import { type Schema, type Tree, groupsOf, matches, operationsOf, sampleOf, treeOf } from "../docs/document";
import { commandOf, missingOf, pathOf, toldOf } from "../docs/request";

const operations = operationsOf(SMALL);
const of = (id: string) => operations.find((one) => one.id === id)!;
// "name: type facts", a line each, indented by depth.
const linesOf = ({ members, choices }: Tree, indent = ""): string[] => [
  ...members.flatMap(({ name, isRequired, tree }) => [
    `${indent}${name}${isRequired ? "!" : ""}: ${[tree.type, ...tree.facts].join(" ")}`,
    ...linesOf(tree, `${indent}  `),
  ]),
  ...choices.flatMap((tree, i) => [`${indent}${i}: ${tree.type}`, ...linesOf(tree, `${indent}  `)]),
];

test("operations stand in groups of their paths' first segments, each in its place", () => {
  assert.deepEqual(
    groupsOf(operations).map(({ name, operations: those }) => [name, those.map(({ id }) => id)]),
    [
      ["/v1/chain", ["get_v1_chain"]],
      ["/v1/blocks", ["get_v1_blocks", "get_v1_blocks_height"]],
      ["/v1/live", ["get_v1_live"]],
      ["/v1/keys", ["get_v1_keys", "post_v1_keys"]],
      ["/v1/transactions", ["post_v1_transactions"]],
      ["/events", ["delete_events_id"]],
    ],
  );
  assert.equal(operationsOf(documentOf("thousand")).length, 1000);
  assert.deepEqual(groupsOf(operationsOf(documentOf("empty"))), []);
});

test("a body is a tree of members with their types and rules", () => {
  assert.deepEqual(linesOf(treeOf(SMALL, of("post_v1_keys").body!.schema!)), [
    "name!: string length ≥ 1 length ≤ 64",
    "scopes!: string[]",
    'kind!: string "person" | "program"',
    "limits: object | null",
    "  day: string | null",
    "labels: object",
    "  *: string",
    "rest: object",
    "  0: object",
    "    a: number 1",
    "  1: object",
    '    b: string "it\'s"',
  ]);
});

test("a list of objects shows their members, and its own rules", () => {
  const [page] = of("get_v1_blocks").answers;
  assert.deepEqual(linesOf(treeOf(SMALL, page!.schema!)), ["items!: object[] items ≤ 100", "  id!: string /^[0-9a-f]{64}$/"]);
  assert.equal(treeOf(SMALL, { type: "array", items: { type: ["string", "null"] } }).type, "(string | null)[]");
});

test("parts that are put together by reference are one", () => {
  const schema: Schema = { allOf: [{ $ref: "#/components/schemas/problem" }, { required: ["detail"], properties: { code: { enum: ["x"] } } }] };
  const tree = treeOf(SMALL, schema);
  assert.deepEqual(linesOf(tree), ['code!: string "x"', "detail!: string"]);
  assert.equal(tree.members[0]!.tree.about, "Stable.");
});

test("what leads to itself, or nowhere, has an end", () => {
  assert.ok(linesOf(treeOf(SMALL, { $ref: "#/components/schemas/endless" })).length < 20);
  assert.deepEqual(treeOf(SMALL, { $ref: "#/components/schemas/none" }).type, "any");
  const round = { components: { schemas: { a: { $ref: "#/components/schemas/a" }, b: { allOf: [{ $ref: "#/components/schemas/b" }] } } } };
  assert.equal(treeOf(round, { $ref: "#/components/schemas/a" }).type, "any");
  assert.equal(treeOf(round, { $ref: "#/components/schemas/b" }).type, "any");
  assert.equal(JSON.stringify(sampleOf(SMALL, { $ref: "#/components/schemas/endless" })), "{}");
});

test("errors are told apart from answers, with the codes of each status", () => {
  const { answers, problems } = of("get_v1_blocks_height");
  assert.deepEqual(answers.map(({ status }) => status), ["200"]);
  assert.deepEqual(problems.map(({ status, codes }) => [status, codes]), [
    ["400", ["bad_uri", "not_a_height"]],
    ["404", ["not_found"]],
  ]);
  assert.deepEqual(of("get_v1_chain").answers.map(({ status, schema }) => [status, schema !== null]), [["200", true], ["304", false]]);
  assert.deepEqual(of("post_v1_keys").problems[1], { status: "503", about: "Too busy; `Retry-After` says when.", codes: ["busy", "unavailable"] });
});

test("the page asks what reads, is everybody's and ends", () => {
  assert.deepEqual(
    operations.filter(({ canAsk }) => canAsk).map(({ id }) => id),
    ["get_v1_chain", "get_v1_blocks", "get_v1_blocks_height"],
  );
});

test("all words of a filter must be there, in paths, scopes, parameters or codes", () => {
  const found = (text: string) => operations.filter((one) => matches(one, text)).map(({ id }) => id);
  assert.deepEqual(found("BLOCKS"), ["get_v1_blocks", "get_v1_blocks_height"]);
  assert.deepEqual(found("post admin"), ["post_v1_keys"]);
  assert.deepEqual(found("perpage"), ["get_v1_blocks"]);
  assert.deepEqual(found("not_a_height"), ["get_v1_blocks_height"]);
  assert.deepEqual(found("blocks admin"), []);
  assert.equal(found("").length, operations.length);
});

test("a path has its values, and says which are missing", () => {
  const block = of("get_v1_blocks_height");
  assert.equal(pathOf(block, {}), "/v1/blocks/HEIGHT");
  assert.equal(pathOf(block, { height: "a/b ?" }), "/v1/blocks/a%2Fb%20%3F");
  assert.deepEqual([missingOf(block, {}), missingOf(block, { height: "1" })], [["height"], []]);
  assert.equal(pathOf(of("get_v1_blocks"), { perPage: "5", format: "" }), "/v1/blocks?perPage=5");
});

test("a command is for a shell what it shows", () => {
  const wordsOf = (id: string): string[] => {
    const command = commandOf("http://a.test", SMALL, of(id), {}).replace(/^curl/, "printf '%s\\n'");
    return spawnSync("sh", ["-c", command], { encoding: "utf8", env: { ...process.env, KEY: "k" } }).stdout.trim().split("\n");
  };
  assert.deepEqual(wordsOf("get_v1_chain"), ["-s", "http://a.test/v1/chain"]);
  const [sent, key] = ["Content-Type: application/json", "Authorization: Bearer k"];
  const sample = '{"name":"","scopes":[],"kind":"person"}';
  assert.deepEqual(wordsOf("post_v1_keys"), ["-s", "-H", key, "-H", sent, "-d", sample, "http://a.test/v1/keys"]);
  assert.deepEqual(wordsOf("delete_events_id"), ["-s", "-X", "DELETE", "-H", key, "http://a.test/events/ID"]);
  assert.deepEqual(wordsOf("post_v1_transactions").slice(3, 5), ["--data-binary", "@FILE"]);
});

test("an answer is shown as the text that it is, or not at all", () => {
  const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;
  assert.equal(toldOf(200, "application/json", bytes('{"a":[1]}')).text, '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(toldOf(200, "text/csv", bytes("a,b")).text, "a,b");
  assert.equal(toldOf(200, "application/json", bytes("{")).text, "{");
  const long = toldOf(200, "text/plain", bytes("x".repeat(30_000)));
  assert.deepEqual([long.text!.length, long.isCut, long.bytes], [20_000, true, 30_000]);
  assert.equal(toldOf(200, "application/octet-stream", new Uint8Array([0xff, 0x00]).buffer).text, null);
  assert.equal(toldOf(200, "application/octet-stream", new Uint8Array([0x61, 0x00]).buffer).text, null);
});
