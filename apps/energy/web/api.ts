// SPDX-License-Identifier: Apache-2.0
// What the server answers, and the calls of the contract that a person's own wallet signs. The rules'
// numbers stand in contract/rules.h. Prices are base units a Wh; to people they are LMM a kWh.
import { lmmOf, unitsOf } from "../../../web/lib/amount";
import { createClient } from "../../../web/lib/api";
import { type Bytes, bytesOfText, concat } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { fixed, id, u32, u64, u8 } from "../../../web/lib/writer";
import { type Wish } from "../../../web/wallet/send";

export interface Zone {
  zone: number;
  name: string;
  cap: number;
  lot: number; // Wh; orders are multiples of it
  gate_ms: number;
  operator: string;
}
export interface Candle {
  start: string;
  close: number;
}
export interface Meter {
  key: string;
  account: string;
  zone: number;
  direction: Direction;
  is_retired: boolean;
  sequence: number; // of the last reading; 0: none yet
  slot: number;
  most_wh: number; // 0: not approved
}
export interface Level {
  price: number;
  wh: number;
  orders: number;
}
export interface Book {
  zone: number;
  slot: number;
  change: number;
  last_price: number;
  bids: Level[];
  asks: Level[];
}
export interface Change extends Level {
  zone: number;
  slot: number;
  change: number;
  side: Side;
}
export interface Trade {
  zone: number;
  slot: number;
  number: number;
  side: Side;
  price: number;
  wh: number;
  time: string;
}
export interface Quote {
  collateral: string;
  opening: string; // what the order pays besides, where it is the slot's first
  filled_wh: number;
  amount: string;
  status: "resting" | "filled" | "cancelled";
  reason: string;
}
export interface Order {
  id: string;
  zone: number;
  slot: number;
  number: number;
  account: string;
  start: string;
  side: Side;
  price: number;
  wh: number;
  traded_wh: number;
  open_wh: number;
  status: "resting" | "filled" | "cancelled";
  time: string;
  proof: string;
}
export interface Position {
  zone: number;
  slot: number;
  start: string;
  is_final: boolean;
  bought: number;
  sold: number;
  received: number;
  delivered: number;
  exported: number | null;
  imported: number | null;
  cost: string;
  income: string;
  compensation: string;
  penalty: string;
  shared: string;
}

export type Side = "buy" | "sell";
export type Kind = "limit" | "ioc" | "fok";
export type Direction = "export" | "import";
export const DIRECTIONS: readonly Direction[] = ["export", "import"];
export const SIDES: readonly Side[] = ["buy", "sell"];
export const KINDS: readonly Kind[] = ["limit", "ioc", "fok"];
export const SLOT_MS = 900_000;
const WH_MAX = 1_000_000_000;
const GAS = 8_000_000n;
const PRICE_STEP = 1000n; // base units a kWh that are one base unit a Wh

export const client = createClient();

// ---- units

export const kwhOf = (wh: number): string => `${wh / 1000}`;
// Whole Wh, from 1; null when it is none.
export function whOf(text: string): number | null {
  const found = /^(\d{1,7})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const wh = Number(found[1]) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
  return wh >= 1 && wh <= WH_MAX ? wh : null;
}
export const priceText = (price: number): string => lmmOf(BigInt(price) * PRICE_STEP);
export function priceOf(text: string): number | null {
  const units = unitsOf(text);
  return units !== null && units > 0n && units % PRICE_STEP === 0n ? Number(units / PRICE_STEP) : null;
}

// ---- calls

export interface Wanted {
  zone: Zone;
  slot: number;
  side: Side;
  kind: Kind;
  price: number;
  wh: number;
}
// What an order locks: a buyer the price, a seller the zone's cap.
export const collateralOf = ({ zone, side, price, wh }: Wanted): bigint =>
  BigInt(side === "buy" ? price : zone.cap) * BigInt(wh);

function call(method: string, given: Bytes, name: string, value = 0n): Wish {
  const contract = hash("contract", bytesOfText("energy"));
  return {
    actions: [{ kind: "call", contract, method, arguments: given, value }],
    gasLimit: GAS,
    what: { kind: method, name },
  };
}
// With what opening the slot costs, as a quote tells it: what is not needed comes back.
export function ordering(wanted: Wanted, name: string, opening: bigint): Wish {
  const { zone, slot, side, kind, price, wh } = wanted;
  const place = concat(u32(zone.zone), u32(slot), u8(SIDES.indexOf(side)), u8(KINDS.indexOf(kind)));
  return call("order", concat(place, u64(BigInt(price)), u64(BigInt(wh))), name, collateralOf(wanted) + opening);
}
type Placed = Pick<Order, "zone" | "slot" | "side" | "price" | "number">;
export const cancelling = (order: Placed, name: string): Wish =>
  call(
    "cancel",
    concat(
      concat(u32(order.zone), u32(order.slot), u8(SIDES.indexOf(order.side))),
      concat(u64(BigInt(order.price)), u64(BigInt(order.number))),
    ),
    name,
  );

// With the meter's own signature, so that nobody takes another's key.
export interface SignIn {
  zone: number;
  direction: Direction;
  key: Bytes;
  signature: Bytes;
}
export function signingIn({ zone, direction, key, signature }: SignIn, name: string): Wish {
  const place = concat(u32(zone), u8(DIRECTIONS.indexOf(direction)));
  return call("meter", concat(place, id(key), fixed(signature, 64)), name);
}
// By the zone's operator; 0 Wh takes it back.
export const approving = (key: Bytes, mostWh: number, name: string): Wish =>
  call("approve", concat(id(key), u64(BigInt(mostWh))), name);

// The slots whose gate is open, the next one first.
export const firstOpen = (zone: Zone, nowMs: number): number => Math.floor((nowMs + zone.gate_ms) / SLOT_MS) + 1;
export const openSlots = (zone: Zone, nowMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => firstOpen(zone, nowMs) + index);

// A price of the book, with how much there is up to it, and how much of it is one's own.
export interface Rung extends Level {
  sum: number;
  own: number; // Wh
  hasGap: boolean; // better ones in front of it are left out
}
// The best ones, and behind them those with orders of one's own.
export function rungsOf(levels: Level[], orders: Pick<Order, "price" | "open_wh">[], count: number): Rung[] {
  const own = new Map<number, number>();
  for (const { price, open_wh } of orders) own.set(price, (own.get(price) ?? 0) + open_wh);
  let [sum, before] = [0, -1];
  return levels.flatMap((level, index) => {
    sum += level.wh;
    const rung = { ...level, sum, own: own.get(level.price) ?? 0, hasGap: index > before + 1 };
    if (index >= count && rung.own === 0) return [];
    before = index;
    return [rung];
  });
}

// A book with one change more; null when it does not follow, and the book has to be read again.
export function applyChange(book: Book, change: Change): Book | null {
  if (change.zone !== book.zone || change.slot !== book.slot || change.change <= book.change) return book;
  if (change.change !== book.change + 1) return null;
  const name = change.side === "buy" ? "bids" : "asks";
  const rest = book[name].filter(({ price }) => price !== change.price);
  const { price, wh, orders } = change;
  const levels = wh > 0 ? [...rest, { price, wh, orders }] : rest;
  levels.sort((a, b) => (change.side === "buy" ? b.price - a.price : a.price - b.price));
  return { ...book, change: change.change, [name]: levels };
}
