// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, bytesOfText, concat, hexOf } from "../lib/bytes";
import { ProofError, type ProofErrorCode, verifyProof } from "../lib/proof";
import {
  BEGIN_MS,
  PAYLOAD_OFFSET,
  chainId,
  contractId,
  fileOf,
  filled,
  genesisHead,
  goldensOf,
  handOver,
  laterKeys,
  makeProof,
  witnessKeys,
} from "./support";
import { hash } from "../lib/hash";

const expected = { chainId: hexOf(chainId) };

function refusal(text: string, options = expected): ProofErrorCode | "accepted" {
  try {
    verifyProof(text, options);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof ProofError, String(error));
    return error.code;
  }
}

test("a proof tells what was said, where and when, and who signed", () => {
  const result = verifyProof(fileOf(makeProof()), expected);
  assert.equal(result.topic, "captured");
  assert.deepEqual(result.contract, contractId);
  assert.ok(result.isGenesisContract("supplychain"));
  assert.ok(!result.isGenesisContract("energy"));
  assert.deepEqual(result.payload, bytesOfText('{"type":"ObjectEvent"}'));
  assert.equal(result.payloadOffset, PAYLOAD_OFFSET);
  assert.equal(result.height, 5n);
  assert.equal(result.anchorHeight, 11n);
  assert.equal(result.time.getTime(), 1_700_000_002_500);
  assert.equal(result.chainName, "testnet");
  assert.deepEqual([result.signers, result.witnesses, result.quorum], [[0, 2, 3], 4, 3]);
});

test("a proof whose block is the certified one needs no history", () => {
  const result = verifyProof(fileOf(makeProof({ isAnchor: true })), expected);
  assert.deepEqual([result.height, result.anchorHeight], [5n, 5n]);
});

test("a proof without payload proves the event alone", () => {
  assert.equal(verifyProof(fileOf(makeProof({ payload: null })), expected).payload, null);
});

test("witnesses that changed are followed, by hand-over or by the skip rule", () => {
  for (const way of ["same", "handed", "skipped"] as const) {
    const result = verifyProof(fileOf(makeProof({ way })), expected);
    assert.equal(result.handOvers, way === "handed" ? 1 : 0);
    assert.equal(result.trustedSince.getTime(), BEGIN_MS);
    assert.equal(result.signers.length, 3);
  }
});

// Of the four that are believed, keys 2 and 3 stand first in the later set.
const handed = (...handOvers: Bytes[]): string => fileOf(makeProof({ way: "handed", handOvers }));
const REFUSED: [string, ProofErrorCode, () => string][] = [
  ["two signatures of four", "too_few_signatures", () => fileOf(makeProof({ signers: [0, 3] }))],
  ["a certificate that only notarizes", "bad_signature", () => fileOf(makeProof({ voteKind: 1 }))],
  ["a certificate of an earlier view", "bad_signature", () => fileOf(makeProof({ certificateView: 4 }))],
  ["another witness set", "unknown_witnesses", () => fileOf(makeProof({ setHash: filled(5) }))],
  ["a proof without backing", "no_backing", () => fileOf(makeProof({ hasBacking: false }))],
  ["a set that nobody handed over to", "unknown_witnesses", () => handed()],
  ["one beside whom too few are known", "unknown_witnesses", () => fileOf(makeProof({ way: "skipped", signers: [1, 2, 3] }))],
  ["a hand-over that too few signed", "too_few_signatures", () => handed(handOver({ signers: [0, 1] }))],
  ["a hand-over to another set than it names", "unknown_witnesses", () => handed(handOver({ nextHash: filled(1) }))],
  ["a hand-over to a set with a key twice", "unknown_witnesses", () => handed(handOver({ next: [...witnessKeys, witnessKeys[0]!] }))],
  ["a set that is not its header's", "unknown_witnesses", () => handed(handOver({ named: laterKeys }))],
  ["the same hand-over twice", "malformed", () => handed(handOver(), handOver())],
  ["a hand-over at genesis", "malformed", () => handed(handOver({ height: 0 }))],
  ["a hand-over behind the anchor", "malformed", () => handed(handOver({ height: 11 }))],
  ["a hand-over that leads nowhere", "malformed", () => handed(handOver({ next: [] }), handOver())],
  ["more hand-overs than there may be", "malformed", () => handed(...Array.from({ length: 65 }, () => handOver()))],
  ["a failed transaction", "transaction_failed", () => fileOf(makeProof({ receiptCode: 5 }))],
  ["a block at another place", "block_not_in_history", () => fileOf(makeProof({ historyIndex: 6 }))],
  ["another chain in the file", "wrong_chain", () => fileOf(makeProof(), filled(1))],
  ["a byte too many", "malformed", () => fileOf(concat(makeProof(), Uint8Array.of(0)))],
  ["no line end", "not_a_proof", () => fileOf(makeProof()).slice(0, -1)],
  ["a space in front", "not_a_proof", () => ` ${fileOf(makeProof())}`],
  ["capital hex", "malformed", () => fileOf(makeProof()).replace(/[a-f](?=[^"]*"\}\n$)/, (c) => c.toUpperCase())],
  ["nothing", "not_a_proof", () => ""],
];
for (const [what, code, make] of REFUSED)
  test(`${what} is refused as ${code}`, () => assert.equal(refusal(make()), code));

test("a proof of another chain than the one asked for is refused", () => {
  assert.equal(refusal(fileOf(makeProof()), { chainId: hexOf(filled(3)) }), "wrong_chain");
});

test("a file that names the right chain with another's genesis is refused", () => {
  const proof = makeProof();
  const at = hexOf(proof).indexOf(hexOf(genesisHead)) / 2;
  const other = proof.slice();
  other[at + 1 + 4]! ^= 1; // the first letter of the chain's name
  assert.equal(refusal(fileOf(other)), "wrong_chain");
  assert.equal(refusal(fileOf(other, hash("genesis", genesisHead))), "wrong_chain");
});

test("a proof cut at any length is refused", () => {
  const proof = makeProof();
  for (let length = 0; length < proof.length; length++)
    assert.notEqual(refusal(fileOf(proof.subarray(0, length))), "accepted", `${length} bytes`);
});

for (const [name, options] of [
  ["below the certified block", {}],
  ["of the certified block", { isAnchor: true }],
  ["with a hand-over", { way: "handed" }],
  ["with a set that was skipped to", { way: "skipped" }],
] as const)
  // Each bit is flipped end to end; here every seventh, so that each place within a byte has its turn.
  test(`a proof ${name} with a single bit of its file flipped is refused`, () => {
    const file = Buffer.from(fileOf(makeProof(options)), "latin1");
    let refused = 0;
    for (let bit = 0; bit < file.length * 8; bit += 7) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      if (refusal(file.toString("latin1")) !== "accepted") refused++;
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
    assert.equal(refused, Math.ceil((file.length * 8) / 7));
  });

// Files that the C side wrote.
for (const [name, golden] of goldensOf("event"))
  test(`the golden proof ${name} holds`, () => {
    const result = verifyProof(golden.file, { chainId: golden.chain_id });
    assert.equal(result.height, BigInt(golden.height));
    assert.equal(result.payload && new TextDecoder().decode(result.payload), golden.payload);
  });
