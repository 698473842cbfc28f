// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOfHex, bytesOfText, concat, hexOf } from "../lib/bytes";
import { type Domain, hash, padded16 } from "../lib/hash";
import { isInList, listRoot, readBranch } from "../lib/merkle";
import { Reader } from "../lib/bytes";
import { verifySignature, verifyTagged } from "../lib/signature";
import { branchOf, encodeBranch, filled, sharedData } from "./support";

// The golden values of tests/unit/crypto: one truth for C and TypeScript.
const HASHES_OF_ABC: Record<Domain, string> = {
  tx: "5e12daffc8517beb1011682233912fbc8e1eb8f57407ec3a0b53d56566c96335",
  txleaf: "143fcc970bcbd876206599820e2c7c1d9177c96bf58695d1f4daf108f44ef5e8",
  account: "e40486eaa0aa182a0fa788f4893081f189a658ef9ec6d2c9b5da25e6e0ac73ba",
  header: "7e9f53f4bd42aeb2ea6e7412e03fc8da5d0303495157d310b73d79c54b64d3cb",
  receipt: "934a7b8b4e5b16ee2cf89f51b764d65aee00717532d3260b6d20b4fcadbe5932",
  event: "9e1131a2b31c9f5d8477a9eb661f839f878268921a74d513fb8846951aa4343f",
  contract: "6d36f817d789e08d9746b5f519826b12647db93ea4aa38e3b7c9f4622acdfcf8",
  key: "621d380a74a6a04c1bf1921bf90508beae9c595107ae675ba3f0d9bafbfbddba",
  value: "54d755be0f43c6703b17a7a5f261c27c117c0a73c1bc494e52af62e8277905f4",
  leaf: "973069625ca187b506de7970e87c8fb7dfb1db69ab0b2aed9d85dd71624ef8cb",
  node: "141f28a1217c9b0f9d1b6733e5b218e2f02f71d02e5e1d52b71eaeece1643431",
  list: "dd430aca2f9e114f32d95d643bb1399a21b9bf3aff784c3e6121da020ae3ad33",
  genesis: "7db64f6b00900178d344c3791747f31dfc3c99d9f72393a53ccc4ab71bc6ba5e",
  witness: "9de7c4aeb2ffd52d09c4e74d6729cad154a8ea3809e9a6b56b8391e5ee7473b3",
  vote: "691704f8d1d70fce028188c32676d9c3e7ffac8894b2debae6aa5e1ab6cf6796",
  user: "5418da7f7f59151787fec663d3a19e70e059fab1903f644a96d70304c1faa228",
  login: "2f132e660095bfd17923729c17ed8f5a74a928006f721edddd14614fd9bb5379",
};
for (const [domain, golden] of Object.entries(HASHES_OF_ABC))
  test(`the domain ${domain} has its golden hash`, () => {
    assert.equal(hexOf(hash(domain as Domain, bytesOfText("abc"))), golden);
    assert.equal(hexOf(hash(domain as Domain, bytesOfText("a"), bytesOfText("bc"))), golden);
  });

const VOTE =
  "f027e0115ad1083385f7292603930d594a552f392b11814ff9744ab4c99a4071" +
  "07959d5f5691e7939b3b00f7161ad7f01a1ce0d70f16187066d72e7801c5ef03";
const KEY = bytesOfHex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
test("a vote's golden signature verifies, under its tag, chain and payload alone", () => {
  const signed = { tag: "lmm:vote", chainId: filled(0xc1), payload: filled(0x7a) };
  assert.ok(verifyTagged(bytesOfHex(VOTE), KEY, signed));
  assert.ok(!verifyTagged(bytesOfHex(VOTE), KEY, { ...signed, tag: "lmm:proposal" }));
  assert.ok(!verifyTagged(bytesOfHex(VOTE), KEY, { ...signed, chainId: filled(0xc2) }));
  assert.ok(!verifyTagged(bytesOfHex(VOTE), KEY, { ...signed, payload: filled(0x7b) }));
});

test("a signature with any flipped bit, or of another length, is refused", () => {
  const message = concat(padded16("lmm:vote"), filled(0xc1), filled(0x7a));
  assert.ok(verifySignature(bytesOfHex(VOTE), KEY, message)); // which is remembered
  for (let bit = 0; bit < 512; bit++) {
    const flipped = bytesOfHex(VOTE);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.ok(!verifySignature(flipped, KEY, message), `bit ${bit}`);
  }
  assert.ok(!verifySignature(bytesOfHex(VOTE).subarray(0, 63), KEY, message));
  assert.ok(!verifySignature(bytesOfHex(VOTE), KEY.subarray(0, 31), message));
});

interface SpeccheckCase {
  message: string;
  pub_key: string;
  signature: string;
}
test("the twelve edge cases of ed25519-speccheck give XXXVXXXXXXXX", (context) => {
  const cases = sharedData("crypto/ed25519_speccheck_cases.json") as SpeccheckCase[] | null;
  if (!cases) return context.skip("the public test data is not there");
  const row = cases.map((c) =>
    verifySignature(bytesOfHex(c.signature), bytesOfHex(c.pub_key), bytesOfHex(c.message)) ? "V" : "X",
  );
  assert.equal(row.join(""), "XXXVXXXXXXXX");
});

interface Wycheproof {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}
const wycheproof = sharedData("crypto/wycheproof_ed25519_test.json") as Wycheproof | null;
if (!wycheproof) test("Wycheproof Ed25519", { skip: "the public test data is not there" }, () => {});
for (const group of wycheproof?.testGroups ?? [])
  for (const c of group.tests)
    test(`Wycheproof Ed25519 ${c.tcId} ${c.comment}`, () => {
      const verdict = verifySignature(bytesOfHex(c.sig), bytesOfHex(group.publicKey.pk), bytesOfHex(c.msg));
      assert.equal(verdict, c.result === "valid");
    });

test("a branch proves its leaf at its place, in lists of every small length", () => {
  for (let count = 1; count <= 20; count++) {
    const leaves = Array.from({ length: count }, (_, i) => filled(i + 1));
    const root = listRoot(leaves);
    for (let index = 0; index < count; index++) {
      const made = branchOf(leaves, index);
      const branch = readBranch(new Reader(encodeBranch(made)));
      assert.ok(isInList(branch, leaves[index]!, root));
      assert.ok(!isInList(branch, filled(99), root));
      assert.ok(!isInList({ ...branch, count: branch.count + 1n }, leaves[index]!, root));
      if (count > 1) {
        const elsewhere = { ...branch, index: BigInt((index + 1) % count) };
        assert.ok(!isInList(elsewhere, leaves[index]!, root));
        assert.ok(!isInList({ ...branch, siblings: branch.siblings.slice(1) }, leaves[index]!, root));
      }
    }
  }
});

test("an empty list has the root of nothing, and no branch into it decodes", () => {
  assert.equal(hexOf(listRoot([])), hexOf(hash("list", new Uint8Array(8), filled(0))));
  assert.throws(() => readBranch(new Reader(new Uint8Array(16))), { code: "malformed" });
});

test("hex has one spelling", () => {
  assert.equal(hexOf(bytesOfHex("00ff7f")), "00ff7f");
  for (const wrong of ["0", "0G", "FF", "0x", " 0", "é0"]) assert.throws(() => bytesOfHex(wrong));
});
