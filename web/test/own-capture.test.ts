// SPDX-License-Identifier: Apache-2.0
// What a wallet signs for a capture; that the chain registers the same is seen end to end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SAMPLES } from "../../apps/supplychain/web/samples";
import { SINGLE_MAX_BYTES, fitsOneSignature, makeCapture } from "../../apps/supplychain/web/own-capture";
import { Reader, bytesOfText, hexOf, textOf } from "../lib/bytes";
import { hash } from "../lib/hash";
import { filled } from "./support";

const uriOf = (byte: number): string => `ni:///sha-256;${hexOf(filled(byte))}?ver=CBV2.0`;
const EVENT_A = '{"type":"ObjectEvent","eventID":"urn:uuid:a\\u0062","note":"é"}';
const EVENT_B = '{ "type": "ObjectEvent" , "errorDeclaration": {} }';
const DOCUMENT = `{"epcisBody": {"eventList": [${EVENT_A},\n  ${EVENT_B} ]}}`;

test("a capture holds the job, the document as written, and an entry for each event", () => {
  const { arguments: given, contract, eventIds } = makeCapture(DOCUMENT, [uriOf(1), uriOf(2)], filled(7));
  assert.equal(hexOf(contract), "6550c7b9b4b77f3c7659eed2a2fca7495fe7e70b602d80f8a373569cb238a7df"); // docs/protocol.md
  assert.deepEqual(eventIds, ["urn:uuid:ab", uriOf(2)]);
  const reader = new Reader(given);
  assert.deepEqual(reader.hash(), filled(7));
  assert.equal(textOf(reader.bytes(1000)), DOCUMENT);
  assert.equal(reader.u32(), 2);
  for (const [flags, byte, name, text] of [[2, 1, "urn:uuid:ab", EVENT_A], [1, 2, uriOf(2), EVENT_B]] as const) {
    assert.equal(reader.u8(), flags);
    assert.deepEqual(reader.hash(), filled(byte));
    assert.deepEqual(reader.hash(), hash("user", bytesOfText(name)));
    assert.deepEqual(reader.hash(), hash("user", bytesOfText(text)));
  }
  reader.finish();
});

test("a bare event is its own document", () => {
  const text = `\n{"eventTime":"2026-01-02T03:04:05Z"}\n`;
  const reader = new Reader(makeCapture(text, [uriOf(1)], filled(7)).arguments);
  reader.hash();
  assert.equal(textOf(reader.bytes(1000)), text);
  assert.equal(reader.u32(), 1);
  reader.fixed(1 + 64);
  assert.deepEqual(reader.hash(), hash("user", bytesOfText(text.trim())));
});

test("a name that stands twice, another number of events and a hash that is none are refused", () => {
  const twice = `{"epcisBody": {"eventList": [{"a":1}]}, "epcisBody": {"eventList": [{"a":2}]}}`;
  assert.throws(() => makeCapture(twice, [uriOf(1)], filled(7)));
  assert.throws(() => makeCapture(DOCUMENT, [uriOf(1)], filled(7)));
  assert.throws(() => makeCapture(DOCUMENT, [uriOf(1), "ni:///sha-256;x"], filled(7)));
  assert.throws(() => makeCapture(DOCUMENT, [uriOf(1), uriOf(2)], filled(7).subarray(1)), RangeError);
});

test("what fits one signature is told by the bytes of document and entries", () => {
  const documentOf = (length: number): string => {
    const text = `{"epcisBody":{"eventList":[{"a":""}]}}`;
    return text.replace('""', `"${"é".repeat((length - text.length) / 2)}"`);
  };
  assert.ok(fitsOneSignature(documentOf(SINGLE_MAX_BYTES - 98)));
  assert.ok(!fitsOneSignature(documentOf(SINGLE_MAX_BYTES - 96)));
  for (const sample of SAMPLES) assert.ok(fitsOneSignature(sample.make()));
});
