// SPDX-License-Identifier: Apache-2.0
// Contracts' values, held to the vectors that the server's own code passes as well
// (tests/unit/abi/test_abi_value.c).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ABI_MAX_BYTES, ABI_MAX_VALUES, type Abi, AbiFault, type Json, decodeFields, decodeType, encodeFields, readAbi } from "../lib/abi";
import { DecodeError, bytesOfHex, hexOf } from "../lib/bytes";
import { u32 } from "../lib/writer";
import { sourceFile } from "./support";

interface Vectors {
  abi: object;
  values: { type: string; json: Json; hex: string; back?: Json }[];
  faults: { type: string; json: Json; pointer: string; rule: string }[];
  none: { type: string; hex: string }[];
  no_descriptions: unknown[];
}
const vectors = JSON.parse(readFileSync(sourceFile("tests/vectors/abi/values.json"), "utf8")) as Vectors;
const abi = readAbi(JSON.stringify(vectors.abi))!;
const one = (type: string) => [{ name: "v", type }];

function faultOf(run: () => unknown): AbiFault {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AbiFault, String(error));
    return error;
  }
  return assert.fail("it fits");
}

test("each vector has its bytes and comes back", () => {
  assert.ok(vectors.values.length > 0);
  for (const { type, json, hex, back } of vectors.values) {
    assert.equal(hexOf(encodeFields(abi, one(type), [json])), hex, `${type} ${JSON.stringify(json)}`);
    assert.equal(JSON.stringify(decodeType(abi, type, bytesOfHex(hex))), JSON.stringify(back ?? json), type);
  }
});

test("a description whose values JSON cannot carry is none", () => {
  assert.ok(vectors.no_descriptions.length > 0);
  for (const one of vectors.no_descriptions) assert.equal(readAbi(JSON.stringify(one)), null, JSON.stringify(one));
});

test("each vector that does not fit is named", () => {
  assert.ok(vectors.faults.length > 0);
  for (const { type, json, pointer, rule } of vectors.faults) {
    const fault = faultOf(() => encodeFields(abi, one(type), [json]));
    assert.deepEqual([fault.pointer, fault.rule], [`/0${pointer}`, rule], `${type} ${JSON.stringify(json)}`);
  }
});

test("bytes of a vector that are none of its type are left", () => {
  assert.ok(vectors.none.length > 0);
  for (const { type, hex } of vectors.none)
    assert.throws(() => decodeType(abi, type, bytesOfHex(hex)), DecodeError, `${type} ${hex}`);
});

test("members are found by name, and a stranger's among them is told", () => {
  const fields = [
    { name: "a", type: "u8" },
    { name: "b", type: "option<bool>" },
  ];
  assert.equal(hexOf(encodeFields(abi, fields, { b: null, a: 1 })), "0100");
  assert.deepEqual(decodeFields(abi, fields, bytesOfHex("010101")), { a: 1, b: true });
  assert.equal(faultOf(() => encodeFields(abi, fields, { a: 1 })).detail, "b");
  assert.equal(faultOf(() => encodeFields(abi, fields, { a: 1, b: null, constructor: 1 })).detail, "constructor");
  assert.equal(faultOf(() => encodeFields(abi, fields, [1])).detail, "2");
});

test("a text that is no text is refused", () => {
  assert.equal(faultOf(() => encodeFields(abi, one("string"), ["\ud800"])).rule, "text");
});

test("a description that never ends is left", () => {
  let endless: Json = 1;
  for (let i = 0; i < 40; i++) endless = { more: endless };
  assert.equal(faultOf(() => encodeFields(abi, one("endless"), [endless])).rule, "deep");
  const half = u32(ABI_MAX_VALUES / 2);
  const four = Uint8Array.from([...half, ...half, ...half, ...half]);
  assert.throws(() => decodeType(abi, "wide", four), DecodeError);
  const { a } = decodeType(abi, "wider", half) as { a: Json[] };
  assert.equal(a.length, ABI_MAX_VALUES / 2);
});

test("what is no description is told apart, and one is read as far as it is one", () => {
  for (const text of ["", "{", "[]", "null", `{"name":"${"a".repeat(ABI_MAX_BYTES)}"}`]) assert.equal(readAbi(text), null);
  const odd = { name: 1, types: [], methods: { go: { arguments: [["a"], ["b", "u8"]] }, stay: 3 }, views: { v: { returns: 1 } }, errors: { 1: 1, 2: "two" } };
  const read: Abi = readAbi(JSON.stringify(odd))!;
  assert.equal(read.name, null);
  assert.deepEqual(read.methods.get("go")?.arguments[1], { name: "b", type: "u8" });
  assert.deepEqual(read.methods.get("stay"), { arguments: [], returns: null });
  assert.deepEqual([...read.errors], [["2", "two"]]);
  assert.equal(faultOf(() => encodeFields(read, read.methods.get("go")!.arguments, [1, 1])).rule, "type");
});
