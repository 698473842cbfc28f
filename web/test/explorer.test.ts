// SPDX-License-Identifier: Apache-2.0
// What the explorer makes of lists that grow, of bytes, and of descriptions, without a browser.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Json, encodeFields, readAbi } from "../lib/abi";
import { bytesOfText, hexOf } from "../lib/bytes";
import { blankFields, blankValue } from "../explorer/blank";
import { type List, joined, nameOf } from "../explorer/data";
import { curlOf, textIn } from "../explorer/text";

const NOTHING: List<string> = { items: [], next: null, isLoading: true, error: null, fresh: new Set() };
const join = (old: List<string>, ...items: string[]) => joined(old, { items, next: "more" }, (item) => item);

test("what is new stands in front, is marked, and what was there stays", () => {
  const first = join(NOTHING, "c", "b", "a");
  assert.deepEqual([first.items, [...first.fresh], first.next], [["c", "b", "a"], [], "more"]);
  const grown = { ...first, items: ["c", "b", "a", "0"], next: null };
  const second = join(grown, "e", "d", "c");
  assert.deepEqual([second.items, [...second.fresh]], [["e", "d", "c", "b", "a", "0"], ["e", "d"]]);
  assert.equal(second.next, null); // of the end that is shown
  assert.deepEqual([...join(second, "e", "d", "c").fresh], []);
});

test("behind a gap nothing stays, for nobody would see it", () => {
  const late = join(join(NOTHING, "c", "b", "a"), "z", "y", "x");
  assert.deepEqual([late.items, late.next, [...late.fresh]], [["z", "y", "x"], "more", ["z", "y", "x"]]);
});

test("a contract that takes another one's name does not look like it", () => {
  const item = { address: "lmm1qqqqqqqzzzzzz", name: "supplychain", code_hash: "", height: 0, tx: null };
  assert.equal(nameOf(item), "supplychain");
  assert.equal(nameOf({ ...item, height: 7 }), "supplychain …zzzzzz");
  assert.equal(nameOf({ ...item, height: 7, name: null }), "");
});

test("a command is for a shell what it shows", () => {
  const body = `{"a":"it's $HOME \\"\\""}`;
  const command = curlOf("http://a.test", "/v1/search?q='x'", body).replace(/^curl/, "printf '%s\\n'");
  const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  assert.deepEqual(stdout.split("\n").slice(0, 5), ["-s", "-H", "Content-Type: application/json", "-d", body]);
  assert.equal(stdout.split("\n")[5], "http://a.test/v1/search?q='x'");
  assert.equal(curlOf("http://a.test", "/x"), "curl -s 'http://a.test/x'");
});

test("bytes are a text where all of them are shown", () => {
  assert.equal(textIn(hexOf(bytesOfText('{"é": 1}\n'))), '{"é": 1}\n');
  for (const hex of ["", "00", "6100", "ff", "c3", "1b5b", "7f"]) assert.equal(textIn(hex), null, hex);
});

const abi = readAbi(
  JSON.stringify({
    types: {
      line: [["item", "string"], ["count", "u8"], ["paid", "bool"]],
      endless: [["more", "endless"]],
      wide: Array.from({ length: 12 }, (_, i) => [`w${i}`, "wider"]),
      wider: Array.from({ length: 12 }, (_, i) => [`v${i}`, "u8"]),
    },
  }),
)!;
const fields = (...types: string[]) => types.map((type, i) => ({ name: `f${i}`, type }));

test("a form begins empty, and what has a value without being filled in fits as it is", () => {
  const blank = blankFields(abi, fields("bool", "vec<line>", "option<line>", "string", "bytes"));
  assert.deepEqual(blank, { f0: false, f1: [], f2: null, f3: "", f4: "" });
  assert.equal(encodeFields(abi, fields("bool", "vec<line>", "option<line>", "string", "bytes"), blank).length, 14);
  assert.deepEqual(blankValue(abi, "line"), { item: "", count: "", paid: false } satisfies Json);
});

test("types without an end, or too wide, get no form", () => {
  assert.equal(blankValue(abi, "endless"), null);
  assert.equal(blankFields(abi, fields("wide")), null);
  assert.notEqual(blankValue(abi, "wider"), null);
});
