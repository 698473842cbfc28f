// SPDX-License-Identifier: Apache-2.0
// What a proof file says about a thing or a booking (web/lib/verdict.ts), loaded when one is opened.
// Each event of the contract tells the whole record, as contract/records.h has it, in Borsh.
import { addressOf } from "../../../web/lib/address";
import { lmmOf } from "../../../web/lib/amount";
import { Reader, hexOf, textOf } from "../../../web/lib/bytes";
import { judge } from "../../../web/lib/verdict";
import type { Verdict } from "../../../web/lib/verdict-steps";
import type { Asset, Booking } from "./api";

export interface Shown {
  asset?: Pick<Asset, "number" | "owner" | "title" | "text" | "place" | "price_per_minute" | "deposit">;
  booking?: Pick<Booking, "number" | "asset" | "owner" | "renter" | "renter_key" | "rent" | "deposit" | "state" | "bill" | "refund"> & {
    from: string;
    until: string;
  };
}

const TEXT_MAX = 2000;
const STATES = ["booked", "running", "ending", "settled"] as const;
const lmm = (reader: Reader): string => lmmOf(reader.u64());
const whole = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

function readAsset(reader: Reader) {
  const [number, owner] = [Number(reader.u64()), addressOf(reader.hash())];
  reader.bool(); // withdrawn
  reader.hash(); // lock
  reader.u32(); // how many times the owner keeps
  reader.u64(); // latitude, longitude
  reader.u64();
  reader.hash(); // photo
  const price_per_minute = lmm(reader);
  reader.u8(); // unit
  const deposit = lmm(reader);
  reader.u32(); // late minutes
  reader.u32(); // what cancelling costs
  reader.u8();
  const [title, text, place] = [0, 1, 2].map(() => textOf(reader.bytes(TEXT_MAX))) as [string, string, string];
  reader.bytes(TEXT_MAX); // category
  reader.finish();
  return { number, owner, title, text, place, price_per_minute, deposit };
}

const timeOf = (ms: bigint): string => new Date(Number(ms)).toISOString();

function readBooking(reader: Reader) {
  const [number, asset] = [Number(reader.u64()), Number(reader.u64())];
  const [owner, renter] = [addressOf(reader.hash()), addressOf(reader.hash())];
  const renter_key = hexOf(reader.hash());
  reader.hash(); // lock
  reader.u64(); // policy epoch
  const [from, until] = [timeOf(reader.u64()), timeOf(reader.u64())];
  reader.u64(); // price
  reader.u32(); // late minutes
  reader.u32(); // what cancelling costs
  reader.u8();
  const [rent, deposit] = [lmm(reader), lmm(reader)];
  const state = STATES[reader.u8()]!;
  reader.u8(); // outcome
  for (let i = 0; i < 4; i++) reader.u64(); // counter, started, ended, minutes
  const [bill, refund] = [lmm(reader), lmm(reader)];
  for (let i = 0; i < 3; i++) reader.u64(); // the timer's
  reader.finish();
  return { number, asset, owner, renter, renter_key, from, until, rent, deposit, state, bill, refund };
}

// Amounts and times have more than one spelling.
function spelled(value: unknown): string {
  const text = String(value);
  if (/^\d+(\.\d+)?$/.test(text)) return whole(text);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text;
}
const agrees = (told: Record<string, unknown>, shown: Record<string, unknown>): boolean =>
  Object.entries(told).every(([name, value]) => spelled(value) === spelled(shown[name]));

function saysIt(data: Uint8Array, shown: Shown): boolean {
  try {
    const reader = new Reader(data);
    if (shown.asset) return agrees(readAsset(reader), shown.asset as Record<string, unknown>);
    return shown.booking !== undefined && agrees(readBooking(reader), shown.booking as Record<string, unknown>);
  } catch {
    return false;
  }
}

const OF_ASSETS = ["listed", "changed", "withdrawn", "bound", "unbound", "revoked"];
const OF_BOOKINGS = ["booked", "extended", "started", "ended", "contested", "settled"];

export const checkShown = (file: string, chainId: string, shown: Shown): Verdict =>
  judge(file, chainId, {
    contract: "sharing",
    topics: shown.asset ? OF_ASSETS : OF_BOOKINGS,
    shows: ({ data }) => saysIt(data, shown),
  });
