// SPDX-License-Identifier: Apache-2.0
// What the pages make of units, books, calls and proofs, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../../../web/lib/address";
import { Reader, bytesOfText, concat, hexOf } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { u32, u64, u8 } from "../../../web/lib/writer";
import { chainId, fileOf, filled, makeProof } from "../../../web/test/support";
import { type Book, type Change, applyChange, approving, cancelling, kwhOf, openSlots, ordering, priceOf, priceText, rungsOf, signingIn, whOf } from "../web/api";
import { kwhText } from "../web/shown";
import { checkShown } from "../web/proof";

const zone = { zone: 1, name: "North", cap: 30000, lot: 1, gate_ms: 300_000, operator: "" };

test("prices are LMM a kWh to people and whole base units a Wh to the chain", () => {
  assert.equal(priceOf("0.05"), 5000);
  assert.equal(priceOf("0,05"), 5000);
  assert.equal(priceText(5000), "0.05");
  assert.equal(priceOf("0.001"), 100);
  for (const wrong of ["", "0", "-1", "0.000001", "x", "1e3"]) assert.equal(priceOf(wrong), null, wrong);
});

test("amounts are kWh to people and whole Wh to the chain", () => {
  assert.equal(whOf("50"), 50_000);
  assert.equal(whOf("0.001"), 1);
  assert.equal(kwhOf(1_000_000_000), "1000000");
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-GB"] }, configurable: true });
  assert.equal(kwhText(1_000_000_000), "1,000,000");
  assert.equal(kwhOf(1), "0.001");
  for (const wrong of ["", "0", "0.0001", "1000001", "-1"]) assert.equal(whOf(wrong), null, wrong);
});

test("the slots that are open begin behind the gate", () => {
  const start = 1000 * 900_000;
  assert.equal(openSlots(zone, start - 300_001, 1)[0], 1000);
  assert.equal(openSlots(zone, start - 300_000, 2)[0], 1001);
  assert.equal(openSlots(zone, start, 3).length, 3);
});

const book: Book = { zone: 1, slot: 9, change: 4, last_price: 0, bids: [], asks: [{ price: 60, wh: 5, orders: 1 }] };
const change = (more: Partial<Change>): Change => ({
  zone: 1,
  slot: 9,
  change: 5,
  side: "sell",
  price: 55,
  wh: 7,
  orders: 1,
  ...more,
});

test("a book follows its numbered changes, and says when one is missing", () => {
  const next = applyChange(book, change({}));
  assert.deepEqual(next?.asks.map(({ price }) => price), [55, 60]);
  assert.equal(next?.change, 5);
  assert.deepEqual(applyChange(book, change({ price: 60, wh: 0, orders: 0 }))?.asks, []);
  assert.deepEqual(applyChange(book, change({ side: "buy", price: 50 }))?.bids.length, 1);
  assert.equal(applyChange(book, change({ change: 6 })), null);
  assert.equal(applyChange(book, change({ change: 4 })), book); // of before
  assert.equal(applyChange(book, change({ slot: 8 })), book);
});

test("the best prices are shown, and one's own behind them with what lies between", () => {
  const levels = [60, 61, 62, 63, 64].map((price, index) => ({ price, wh: 10 * (index + 1), orders: 1 }));
  const shown = (orders: Parameters<typeof rungsOf>[1], count: number) =>
    rungsOf(levels, orders, count).map(({ price, sum, own, hasGap }) => [price, sum, own, hasGap]);
  assert.deepEqual(shown([], 2), [[60, 10, 0, false], [61, 30, 0, false]]);
  const own = [{ price: 64, open_wh: 3 }, { price: 61, open_wh: 1 }, { price: 64, open_wh: 4 }, { price: 99, open_wh: 5 }];
  assert.deepEqual(shown(own, 2), [[60, 10, 0, false], [61, 30, 1, false], [64, 150, 7, true]]);
  assert.deepEqual(shown(own, 4).map(([price, , , hasGap]) => [price, hasGap]), [[60, false], [61, false], [62, false], [63, false], [64, false]]);
  assert.equal(shown(own, 99).length, 5);
});

test("an order is called in the wallet what its person was shown", () => {
  const place = { zone, slot: 9, side: "buy", price: 50 } as const;
  const ordered = ordering({ ...place, kind: "limit", wh: 200 }, "Buy 0.2 kWh", 0n);
  assert.deepEqual(ordered.what, { kind: "order", name: "Buy 0.2 kWh" });
  const cancelled = cancelling({ ...place, zone: 1, number: 7 }, "Cancelled: Buy 0.2 kWh");
  assert.deepEqual(cancelled.what, { kind: "cancel", name: "Cancelled: Buy 0.2 kWh" });
});

test("calls have the form that the contract reads, and bring what it locks", () => {
  const wanted = { zone, slot: 9, side: "buy", kind: "fok", price: 50, wh: 200 } as const;
  const buy = ordering(wanted, "a", 0n).actions[0]!;
  const sell = ordering({ ...wanted, side: "sell" }, "b", 7n).actions[0]!;
  const cancel = cancelling({ zone: 1, slot: 9, side: "sell", price: 50, number: 7 }, "c").actions[0]!;
  for (const action of [buy, sell, cancel]) {
    assert.equal(action?.kind, "call");
    if (action?.kind !== "call") return;
    assert.deepEqual(action.contract, hash("contract", bytesOfText("energy")));
    const reader = new Reader(action.arguments);
    assert.deepEqual([reader.u32(), reader.u32()], [1, 9]);
    assert.equal(reader.u8(), action === buy ? 0 : 1);
    if (action.method === "order") assert.equal(reader.u8(), 2);
    assert.equal(reader.u64(), 50n);
    assert.equal(reader.u64(), action.method === "order" ? 200n : 7n);
    reader.finish();
    assert.equal(action.value, action === buy ? 10_000n : action === sell ? 6_000_007n : 0n);
  }
});

const OWNER = filled(5);
const SHOWN = { zone: 1, slot: 9, number: 7, account: addressOf(OWNER), side: "sell", price: 50, wh: 200 } as const;
const eventOf = (topic: string, wh: bigint) => ({
  contract: hash("contract", bytesOfText("energy")),
  payload: null,
  topic,
  data: concat(
    concat(u32(1), u32(9), u64(7n), OWNER, u8(1), u8(0)),
    concat(u64(50n), u64(wh), u64(0n), u64(0n), u8(1)),
  ),
});
const check = (event: ReturnType<typeof eventOf>, shown: Parameters<typeof checkShown>[2] = SHOWN) =>
  checkShown(fileOf(makeProof(event)), hexOf(chainId), shown);

test("an order is proven by what the contract told of it, and by nothing else", () => {
  const differs = { isProven: false, step: "shown", why: "shown_differs" };
  assert.ok(check(eventOf("order", 200n)).isProven);
  assert.deepEqual(check(eventOf("order", 201n)), differs);
  assert.deepEqual(check(eventOf("order", 200n), { ...SHOWN, side: "buy" }), differs);
  assert.deepEqual(check(eventOf("order", 200n), { ...SHOWN, account: addressOf(filled(6)) }), differs);
  assert.deepEqual(check(eventOf("trade", 200n)), { isProven: false, step: "event", why: "other_contract" });
});

test("a meter is signed in with its own signature, and approved with a ceiling", () => {
  const [key, signature] = [filled(7), new Uint8Array(64).fill(9)];
  const given = signingIn({ zone: 3, direction: "import", key, signature }, "meter").actions[0]!;
  assert.ok(given.kind === "call" && given.method === "meter" && given.value === 0n);
  assert.equal(hexOf(given.arguments), `0300000001${"07".repeat(32)}${"09".repeat(64)}`);
  assert.throws(() => signingIn({ zone: 3, direction: "import", key, signature: key }, "meter"), RangeError);
  const approved = approving(key, 5000, "meter").actions[0]!;
  assert.ok(approved.kind === "call" && approved.method === "approve");
  assert.equal(hexOf(approved.arguments), `${"07".repeat(32)}8813000000000000`);
});
