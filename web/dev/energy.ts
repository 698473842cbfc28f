// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of electricity: zones, books, trades, orders and quarters. Whoever asks for
// their own has some.
import { addressOf } from "../lib/address";
import { bytesOfText, concat } from "../lib/bytes";
import { hash } from "../lib/hash";
import { u32, u64, u8 } from "../lib/writer";
import { fileOf, filled, makeProof } from "../test/support";
import type { State } from "./mock";

const SLOT_MS = 900_000;
const NOW = Math.floor(Date.now() / SLOT_MS);
const OTHER = addressOf(filled(0x42));
const startOf = (slot: number): string => new Date(slot * SLOT_MS).toISOString();
const STATUSES = ["resting", "filled", "cancelled"] as const;

const ZONES = ["North village", "Harbour and old town, with the islands", "北村"];
const zoneOf = (index: number): object => ({ zone: index + 1, name: `${ZONES[index % ZONES.length]!}${index < 3 ? "" : ` ${index}`}`, cap: 30_000, lot: 100, gate_ms: 300_000, operator: OTHER });
const levelOf = (first: number, step: number) => (index: number) => ({ price: first + index * step, wh: 1000 + ((index * 7919) % 90) * 125, orders: 1 + (index % 4) });

function orderOf(index: number, account = OTHER): Record<string, unknown> {
  const [zone, slot, number] = [1, NOW + 3 + index, 50 + index];
  const wh = index % 3 === 2 ? 1_000_000_000 : 4000 + index * 125;
  const traded_wh = index % 2 === 1 ? wh / 4 : 0;
  return {
    ...{ id: `${zone}-${slot}-${number}`, zone, slot, number, account, start: startOf(slot), side: index % 2 ? "sell" : "buy", price: 5000 + index * 25 },
    ...{ wh, traded_wh, open_wh: wh - traded_wh, status: STATUSES[0], time: new Date(Date.now() - (index + 1) * 60_000).toISOString() },
    proof: `/v1/orders/${zone}-${slot}-${number}/proof`,
  };
}
function proofOf(index: number): string {
  const { zone, slot, number, side, price, wh } = orderOf(index) as Record<"zone" | "slot" | "number" | "price" | "wh", number> & { side: string };
  const place = concat(u32(zone), u32(slot), u64(BigInt(number)), filled(0x42));
  const terms = concat(u8(side === "sell" ? 1 : 0), u8(0), u64(BigInt(price)), u64(BigInt(wh)));
  const data = concat(place, terms, new Uint8Array(17));
  return fileOf(makeProof({ contract: hash("contract", bytesOfText("energy")), payload: null, topic: "order", data }));
}
function quarterOf(index: number): object {
  const slot = NOW - 1 - index;
  const isSeller = index % 2 === 1;
  const sums = isSeller
    ? { bought: 0, sold: 3000, received: 0, delivered: 2500, cost: "0", income: "0.15", compensation: "0", penalty: "0.015", shared: "0" }
    : { bought: 3000, sold: 0, received: 3000, delivered: 0, cost: "0.152", income: "0", compensation: "0", penalty: "0", shared: "0.001" };
  return { zone: 1, slot, start: startOf(slot), is_final: index > 1, exported: null, imported: null, ...sums };
}

function meterOf(index: number, account: string): object {
  const key = String(index).padStart(2, "0").repeat(32);
  return { key, account, zone: 1 + (index % 3), direction: index % 2 ? "import" : "export", is_retired: index % 4 === 3, sequence: index % 3, slot: NOW - 2, most_wh: index % 3 === 0 ? 0 : 5000 };
}

const make = <Item,>(count: number, of: (index: number) => Item): Item[] => Array.from({ length: count }, (_, i) => of(i));
const countOf = (state: State, usual: number, most: number): number => Math.min(most, ({ empty: 0, one: 1, thousand: 1000 })[state as string] ?? usual);
const items = (list: object[]): Answer => ({ status: 200, body: { items: list } });

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}
type Answer = { status: number; body: object | string };

// One's own among the levels of bookOf: a good one, and one far off.
const ownOf = (account: string): object[] =>
  [{ side: "buy", price: 4780 }, { side: "sell", price: 5400 }].map((more, index) => ({ ...orderOf(index, account), ...more, open_wh: 500 }));

function bookOf(query: URLSearchParams, state: State): Answer {
  const count = countOf(state, 5, 200);
  const [zone, slot] = [Number(query.get("zone")), Number(query.get("slot"))];
  return { status: 200, body: { zone, slot, change: 9, last_price: 0, asks: make(count, levelOf(5000, 100)), bids: make(count, levelOf(4800, -20)) } };
}

// Null: it is not of energy; "never": no answer comes.
export function answerEnergy({ path, query }: Asked, state: State): Answer | "never" | null {
  const [first = "", second, part] = path;
  if (!["zones", "book", "trades", "candles", "quotes", "orders", "positions", "meters"].includes(first)) return null;
  if (state === "loading") return "never";
  if (state === "failed") return { status: 503, body: { code: "unavailable", detail: "A part of the server is out of reach. Try again later." } };
  if (first === "zones") return items(make(countOf(state, 3, 40), zoneOf));
  if (first === "book") return bookOf(query, state);
  if (first === "trades") return items(make(countOf(state, 3, 8), (i) => ({ zone: 1, slot: NOW, number: 90 - i, side: "buy", price: 4900 + i * 25, wh: 1500, time: new Date(Date.now() - i * 95_000).toISOString() })));
  if (first === "candles") return items(make(countOf(state, 12, 200), (i) => ({ start: new Date(Math.floor(Date.now() / 300_000 - (200 - i)) * 300_000).toISOString(), close: 4800 + ((i * 37) % 5) * 60 })));
  if (first === "meters") return items(make(countOf(state, 3, 100), (i) => meterOf(i, query.get("account") ?? OTHER)));
  if (first === "quotes")
    return state === "refused"
      ? { status: 422, body: { code: "CONTRACT_REFUSED", detail: "the price is above the zone's cap" } }
      : { status: 200, body: { collateral: "0.075", opening: "0", filled_wh: 1000, amount: "0.05", status: "resting", reason: "" } };
  if (first === "positions") return items(make(countOf(state, 4, 50), quarterOf));
  if (second === undefined && query.has("slot")) return items(state === "one" ? [] : ownOf(query.get("account") ?? OTHER));
  if (second === undefined) return items(make(countOf(state, 3, 50), (i) => orderOf(i, query.get("account") ?? OTHER)));
  if (state === "empty") return { status: 404, body: { code: "not_found", detail: "There is nothing here under that name." } };
  const index = Number(second.split("-")[2]) - 50;
  if (part !== "proof") return { status: 200, body: orderOf(index) };
  const file = proofOf(index);
  return { status: 200, body: state === "refused" ? file.replace(/.(?=.{8}"\}\n$)/, (digit) => (digit === "0" ? "1" : "0")) : file };
}
