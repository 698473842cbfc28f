// SPDX-License-Identifier: Apache-2.0
// What the pages make of entries, calls and proofs, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../../../web/lib/address";
import { Reader, bytesOfText, concat, hexOf, textOf } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { prefixed, u64 } from "../../../web/lib/writer";
import { chainId, fileOf, filled, makeProof } from "../../../web/test/support";
import { DEPOSIT_UNITS, amending, signing, withdrawing } from "../web/api";
import { checkShown } from "../web/proof";

const AUTHOR = filled(5);
const SHOWN = { number: 7, author: addressOf(AUTHOR), text: "你好" };
const eventOf = (topic: string, number: bigint, text: string) => ({
  contract: hash("contract", bytesOfText("energy")),
  payload: null,
  topic,
  data: concat(u64(number), AUTHOR, prefixed(bytesOfText(text))),
});
const check = (event: ReturnType<typeof eventOf>, shown = SHOWN) =>
  checkShown(fileOf(makeProof(event)), hexOf(chainId), shown);

test("an entry is proven by what the contract told of it last", () => {
  for (const topic of ["signed", "amended"]) assert.ok(check(eventOf(topic, 7n, "你好")).isProven);
});

test("a good proof of something else proves nothing of an entry", () => {
  const differs = { isProven: false, step: "shown", why: "shown_differs" };
  assert.deepEqual(check(eventOf("signed", 8n, "你好")), differs);
  assert.deepEqual(check(eventOf("signed", 7n, "您好")), differs);
  assert.deepEqual(check(eventOf("signed", 7n, "你好"), { ...SHOWN, author: addressOf(filled(6)) }), differs);
  assert.deepEqual(check(eventOf("withdrawn", 7n, "你好")), { isProven: false, step: "event", why: "other_contract" });
  const cut = eventOf("signed", 7n, "你好");
  assert.deepEqual(check({ ...cut, data: cut.data.subarray(1) }), differs);
});

test("calls have the form that the contract reads", () => {
  const [sign, amend, withdraw] = [signing("é"), amending(7, "é"), withdrawing(7)].map(({ actions }) => actions[0]!);
  for (const action of [sign, amend, withdraw]) {
    assert.equal(action?.kind, "call");
    if (action?.kind !== "call") return;
    assert.deepEqual(action.contract, hash("contract", bytesOfText("energy")));
    assert.equal(action.value, action.method === "sign" ? DEPOSIT_UNITS : 0n);
    const reader = new Reader(action.arguments);
    if (action.method !== "sign") assert.equal(reader.u64(), 7n);
    if (action.method !== "withdraw") assert.equal(textOf(reader.bytes(280)), "é");
    reader.finish();
  }
});
