// SPDX-License-Identifier: Apache-2.0
// Proofs of transactions, of entries of the state and of blocks, against files that the C side wrote.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hexOf } from "../lib/bytes";
import { type Form, type ProofErrorCode, FORMS, ProofError, formOf } from "../lib/ground";
import { verifyBlock, verifyEntry, verifyProof, verifyTransaction } from "../lib/proof";
import { txIdOf } from "../lib/tx";
import { filled, goldensOf } from "./support";

const CHECKS = { event: verifyProof, transaction: verifyTransaction, entry: verifyEntry, block: verifyBlock };
const OTHERS = ["transaction", "entry", "block"] as const;

function refusal(form: Form, text: string, chainId: string): ProofErrorCode | "accepted" {
  try {
    CHECKS[form](text, { chainId });
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof ProofError, String(error));
    return error.code;
  }
}
const only = (form: Form, name: string) => goldensOf(form).find(([file]) => file === `${name}.json`)![1];

test("there are golden files of every form", () => {
  for (const form of Object.keys(FORMS) as Form[]) assert.notEqual(goldensOf(form).length, 0, form);
});

test("a transaction's proof shows what was signed and that it did what it says", () => {
  const golden = only("transaction", "transaction");
  const result = verifyTransaction(golden.file, { chainId: golden.chain_id });
  assert.equal(result.height, BigInt(golden.height));
  assert.equal(result.code, 0);
  assert.equal(result.txId, hexOf(txIdOf(result.signed!.body)));
  assert.deepEqual([result.anchorHeight, result.signers.length, result.witnesses], [11n, 3, 4]);
});

test("an entry's proof shows its value, or that there is none", () => {
  for (const name of ["entry", "no-entry"]) {
    const golden = only("entry", name);
    const result = verifyEntry(golden.file, { chainId: golden.chain_id });
    assert.equal(hexOf(result.key), golden.key);
    assert.equal(result.value && hexOf(result.value), golden.value);
    assert.equal(result.height, BigInt(golden.height));
  }
});

test("a block's proof shows its id", () => {
  const golden = only("block", "block");
  const result = verifyBlock(golden.file, { chainId: golden.chain_id });
  assert.equal(result.height, BigInt(golden.height));
  assert.match(result.blockId, /^[0-9a-f]{64}$/);
});

for (const form of OTHERS)
  for (const [name, golden] of goldensOf(form)) {
    // A proof that one thing is not there holds for others beside it: then it names another key.
    const proven = form === "entry" ? (text: string) => hexOf(verifyEntry(text, { chainId: golden.chain_id }).key) : null;
    test(`${name} with a single bit flipped is refused, or is of another key`, () => {
      const file = Buffer.from(golden.file, "latin1");
      let tried = 0;
      for (let bit = 0; bit < file.length * 8; bit += 7) {
        file[bit >> 3]! ^= 1 << (bit & 7);
        const text = file.toString("latin1");
        const isRefused = refusal(form, text, golden.chain_id) !== "accepted";
        assert.ok(isRefused || (golden.value === null && proven!(text) !== golden.key), `bit ${bit}`);
        file[bit >> 3]! ^= 1 << (bit & 7);
        tried++;
      }
      assert.ok(tried > 1000);
    });
    test(`${name} cut at any length is refused`, () => {
      for (let length = 0; length < golden.file.length; length++)
        assert.notEqual(refusal(form, golden.file.slice(0, length), golden.chain_id), "accepted");
    });
    test(`${name} is refused on another chain, and as any other form`, () => {
      assert.equal(refusal(form, golden.file, hexOf(filled(3))), "wrong_chain");
      assert.equal(formOf(golden.file), form);
      for (const other of Object.keys(FORMS) as Form[])
        if (other !== form) {
          assert.equal(refusal(other, golden.file, golden.chain_id), "not_a_proof");
          const renamed = golden.file.replace(`proof-${FORMS[form]}`, `proof-${FORMS[other]}`);
          assert.equal(refusal(other, renamed, golden.chain_id), "malformed");
        }
    });
  }

test("what is no proof has no form", () => {
  for (const text of ["", "{}", '{"format":"lmm-proof-1","chain_id":"']) assert.equal(formOf(text), null);
});
