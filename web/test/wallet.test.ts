// SPDX-License-Identifier: Apache-2.0
// What a wallet makes, held to what the C code makes of the same: the golden bytes of
// docs/protocol.md (which `make check` holds to the chain's own code), of tests/unit/crypto, and the
// public vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { accountOfKey, addressOf, idOfAddress, shortAddress } from "../lib/address";
import { lmmOf, unitsOf } from "../lib/amount";
import { type Bytes, DecodeError, bytesOfHex, concat, hexOf } from "../lib/bytes";
import { type Action, type TxBody, encodeAction, encodeBody, encodeTx, signedBytes, txIdOf } from "../lib/tx";
import { u16, u32, u64, u8 } from "../lib/writer";
import { WrongPassphrase, derive, entropyOf, openFile, plainCurves, sealFile, wordsOf } from "../wallet/vault";
import type { TxItem } from "../explorer/data";
import { joinedWith } from "../wallet/payments";
import type { Sent } from "../wallet/send";
import { sharedData, sourceFile } from "./support";

// "name:" and hex below it, or behind it, in the golden block of that name.
function golden(block: string): Map<string, string> {
  const text = readFileSync(sourceFile("docs/protocol.md"), "utf8");
  const body = text.split(`<!-- golden ${block}`)[1]?.split("<!-- end -->")[0];
  assert.ok(body, `docs/protocol.md has no golden ${block}`);
  const out = new Map<string, string>();
  for (const [, name, value] of body.matchAll(/^(\S[^\n]*?):((?:\s+[0-9a-z]{2,})+)$/gm)) out.set(name!, value!.replace(/\s/g, ""));
  return out;
}
const fill = (from: number, length = 32): Bytes => Uint8Array.from({ length }, (_, i) => from + i);
const KEY = bytesOfHex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
const SEED = fill(0);
const CHAIN = fill(0x80);

const ACTIONS: Action[] = [
  { kind: "transfer", to: fill(1), amount: 1000n },
  { kind: "call", contract: fill(2), method: "add", arguments: Uint8Array.of(42), value: 5n },
  { kind: "set_enc_key", key: fill(5) },
  { kind: "lock_stake", amount: 7n },
  { kind: "unlock_stake", amount: 7n },
  { kind: "withdraw_stake" },
  { kind: "vote", candidates: [KEY] },
  { kind: "close_lane", lane: 9 },
  { kind: "remove_account", account: accountOfKey(KEY) },
  { kind: "claim_shares" },
];
for (const action of ACTIONS)
  test(`the action ${action.kind} is encoded as the chain encodes it`, () => {
    assert.equal(hexOf(encodeAction(action)), golden("actions").get(action.kind));
  });

const BODY: TxBody = {
  sender: accountOfKey(KEY),
  lane: 0,
  seq: 3n,
  validUntil: 1000n,
  gasLimit: 200_000n,
  gasPrice: 1n,
  payer: null,
  actions: [{ kind: "transfer", to: fill(1), amount: 1000n }],
};
test("a signed transfer and its id are those of the chain", () => {
  const body = encodeBody(BODY);
  assert.equal(hexOf(txIdOf(body)), golden("transaction").get("id"));
  const signature = plainCurves.sign(signedBytes(txIdOf(body), CHAIN), SEED);
  const tx = encodeTx(body, [{ role: "sender", keyIndex: 0, key: KEY, signature }]);
  assert.equal(hexOf(tx), golden("transaction").get("a transfer, signed"));
});

test("what is signed is the tag, the chain and the id", () => {
  const signature = plainCurves.sign(signedBytes(fill(0x40), CHAIN), SEED);
  assert.equal(hexOf(signature), golden("tags").get("lmm:transaction"));
});

test("numbers, ids and names out of their bounds are refused", () => {
  for (const change of [{ seq: -1n }, { gasLimit: 1n << 64n }, { lane: 2 ** 32 }, { sender: fill(0, 31) }, { actions: [] }])
    assert.throws(() => encodeBody({ ...BODY, ...change }), RangeError);
  for (const method of ["", "Add", "a-b", "a".repeat(65)])
    assert.throws(() => encodeAction({ kind: "call", contract: fill(0), method, arguments: fill(0), value: 0n }), RangeError);
  for (const write of [() => u8(256), () => u16(1.5), () => u32(-1), () => u64(-1n)]) assert.throws(write, RangeError);
});

test("an account's address is that of the chain, and reads back in either case", () => {
  const address = addressOf(accountOfKey(KEY));
  assert.equal(address, golden("account-id").get("address"));
  assert.deepEqual(idOfAddress(address), accountOfKey(KEY));
  assert.deepEqual(idOfAddress(address.toUpperCase()), accountOfKey(KEY));
  assert.equal(shortAddress(address), "lmm1tpru…r7va4v");
});

test("an address with any other character in any place is refused", () => {
  const address = addressOf(fill(7));
  for (let place = 0; place < address.length; place++)
    for (const char of "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1Q ") {
      if (char === address[place]) continue;
      const other = address.slice(0, place) + char + address.slice(place + 1);
      assert.throws(() => idOfAddress(other), DecodeError, other);
    }
  for (let length = 0; length < address.length; length++) assert.throws(() => idOfAddress(address.slice(0, length)), DecodeError);
});

test("amounts are read and shown exactly", () => {
  for (const [text, units] of [["1", 100_000_000n], ["0.00000001", 1n], ["12,5", 1_250_000_000n], ["184467440737.09551615", (1n << 64n) - 1n]] as const) {
    assert.equal(unitsOf(text), units);
    assert.equal(unitsOf(lmmOf(units)), units);
  }
  for (const none of ["", "-1", "1e3", "1.", ".5", "0.000000001", "184467440737.09551616", "1.2.3", "x"]) assert.equal(unitsOf(none), null, none);
  assert.equal(lmmOf(1_250_000_000n), "12.5");
  assert.equal(lmmOf(0n), "0");
});

test("words and entropy are those of BIP-39", (context) => {
  const vectors = sharedData("crypto/bip39_vectors.json") as { english: [string, string, string, string][] } | null;
  if (!vectors) return context.skip("the public test data is not there");
  assert.ok(vectors.english.length >= 24);
  for (const [entropy, words] of vectors.english) {
    assert.equal(wordsOf(bytesOfHex(entropy)), words);
    assert.equal(hexOf(entropyOf(`  ${words.toUpperCase()} `)), entropy);
  }
});

test("words that are none, too few, or in another order are refused", () => {
  const words = wordsOf(fill(1, 16)).split(" ");
  for (const wrong of [words.slice(1), [...words, "zoo"], ["lmm", ...words.slice(1)], [...words].reverse(), []])
    assert.throws(() => entropyOf(wrong.join(" ")), DecodeError);
});

test("keys are derived as SLIP-0010 says", () => {
  const seed = bytesOfHex("000102030405060708090a0b0c0d0e0f");
  assert.equal(hexOf(derive(seed, [])), "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7");
  assert.equal(hexOf(derive(seed, [0, 1, 2, 2, 1000000000])), "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793");
});

// tests/unit/crypto/test_keystore.c, made by another implementation.
const FILE = bytesOfHex(
  "6c6d6d2d6b657973010100000000200000a0a1a2a3a4a5a6a7a8a9aaabacadaeafc0c1c2c3c4c5c6c7c8" +
    "c9cacbcccdcecfd0d1d2d3d4d5d6d7b900000044b51151d74614b60a038a2dcdb5a4c0545a3c4ec3da52" +
    "7548a9be2bd503843f997e4ffdbf2efdba9650d65000134c37c5536bd76d3f3d8da9646a730a2535dd5e" +
    "3047caef8cd8fa3325f7b15c2cb267ed9e8a52e63e9597df544e97e93021e966a966c0a02d8156fe4de1" +
    "0a7c307584affd2dfedeaa4cf978112141ff907b36b9665fc5142e3a65d64bdfe6ceb8aac1ed495bcce4" +
    "e014e160b9b9c138821e6e28eaafe3f2b8fc459d2f09d5e657d1690f353a3e8171393eac",
);
const CHEAP = { passes: 1, memoryKib: 8 * 1024 };
test("a keystore of the command line opens", async () => {
  const words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
  assert.equal(wordsOf(await openFile(FILE, "correct horse")), words);
  await assert.rejects(openFile(FILE, "correct house"), WrongPassphrase);
});

test("a file that was sealed here opens with its passphrase alone, and not with a bit changed", async () => {
  const entropy = fill(3, 16);
  const file = await sealFile(entropy, "a passphrase", CHEAP);
  assert.deepEqual(await openFile(file, "a passphrase"), entropy);
  await assert.rejects(openFile(file, "A passphrase"), WrongPassphrase);
  for (const place of [0, 8, 30, 50, 60, file.length - 1]) {
    const other = file.slice();
    other[place]! ^= 1;
    await assert.rejects(openFile(other, "a passphrase"));
  }
  for (const length of [0, 8, 20, file.length - 1]) await assert.rejects(openFile(file.subarray(0, length), "a passphrase"), DecodeError);
  await assert.rejects(openFile(concat(file, u8(0)), "a passphrase"), DecodeError);
  await assert.rejects(sealFile(entropy, "", CHEAP), RangeError);
});

test("a file that asks for more memory than is allowed is refused before any work", async () => {
  const greedy = concat(FILE.subarray(0, 9), u32(1), u32(8 * 1024 * 1024), FILE.subarray(17));
  await assert.rejects(openFile(greedy, "correct horse"), DecodeError);
});

interface AgreementGroup {
  tests: { public: string; private: string; shared: string; result: string }[];
}
test("where WebCrypto lacks X25519, what two keys agree on is still that of others", (context) => {
  const data = sharedData("crypto/wycheproof_x25519_test.json") as { testGroups: AgreementGroup[] } | null;
  if (!data) return context.skip("the public test data is not there");
  const valid = data.testGroups.flatMap((group) => group.tests).filter(({ result }) => result === "valid");
  assert.ok(valid.length > 200);
  for (const { public: other, private: own, shared } of valid)
    assert.equal(hexOf(plainCurves.agree(bytesOfHex(own), bytesOfHex(other))), shared);
});

const [OWN, OTHER] = [addressOf(fill(1)), addressOf(fill(2))];
const kept = (id: string, at: number, change: Partial<Sent> = {}): Sent => ({
  id,
  at,
  what: { kind: "transfer", to: OTHER, units: "250000000" },
  state: "pending",
  doneAt: null,
  isSponsored: false,
  code: null,
  message: null,
  ...change,
});
const told = (id: string, at: number, change: Partial<TxItem> = {}): TxItem => ({
  id,
  height: at,
  index: 0,
  time: new Date(at).toISOString(),
  is_timer: false,
  sender: OTHER,
  action: "transfer",
  action_count: 1,
  contract: null,
  method: null,
  to: OWN,
  amount: "1.5",
  code: "OK",
  gas_used: 1,
  event_count: 0,
  ...change,
});

test("what was received stands among what was sent, the newest first and each once", () => {
  const list = joinedWith(
    [kept("c", 3000), kept("a", 1000, { state: "final" })],
    [told("d", 4000), told("a", 1001, { sender: OWN, to: OTHER }), told("b", 900, { sender: OWN, to: OTHER })],
    true,
    OWN,
  );
  assert.deepEqual(
    list.map(({ id, way, other, units, state }) => [id, way, other, units, state]),
    [
      ["d", "in", OTHER, 150_000_000n, "final"],
      ["c", "out", OTHER, 250_000_000n, "pending"],
      ["a", "out", OTHER, 250_000_000n, "final"],
      ["b", "out", OTHER, 150_000_000n, "final"],
    ],
  );
});

test("no payment is listed that failed to come in, is none, or is between others", () => {
  const list = joinedWith(
    [],
    [
      told("failed", 5, { code: "INSUFFICIENT_FUNDS" }),
      told("call", 4, { action: "call", to: null, amount: null }),
      told("others", 3, { sender: OTHER, to: OTHER }),
      told("mine", 2, { sender: OWN, to: OTHER, code: "INSUFFICIENT_FUNDS" }),
      told("self", 1, { sender: OWN }),
    ],
    true,
    OWN,
  );
  assert.deepEqual(list.map(({ id, way, state }) => [id, way, state]), [["mine", "out", "failed"], ["self", "out", "final"]]);
});

test("what this browser sent long ago waits until the server's list reaches back to it", () => {
  const ids = (isAll: boolean): string[] => joinedWith([kept("new", 3000), kept("old", 1000)], [told("in", 2000)], isAll, OWN).map(({ id }) => id);
  assert.deepEqual(ids(false), ["new", "in"]);
  assert.deepEqual(ids(true), ["new", "in", "old"]);
});
