// SPDX-License-Identifier: Apache-2.0
// What a proof file says about an order (web/lib/verdict.ts), loaded when one is opened: its event
// begins with {zone u32, slot u32, number u64, account [32], side u8, kind u8, price u64, wh u64}.
import { addressOf } from "../../../web/lib/address";
import { Reader } from "../../../web/lib/bytes";
import { judge } from "../../../web/lib/verdict";
import type { Verdict } from "../../../web/lib/verdict-steps";
import { type Order, SIDES } from "./api";

export type Shown = Pick<Order, "zone" | "slot" | "number" | "account" | "side" | "price" | "wh">;

const REST_BYTES = 8 + 8 + 1; // what is left, what was returned, what became of it

function saysIt(data: Uint8Array, shown: Shown): boolean {
  try {
    const reader = new Reader(data);
    const place = reader.u32() === shown.zone && reader.u32() === shown.slot;
    const number = reader.u64() === BigInt(shown.number);
    const account = addressOf(reader.fixed(32)) === shown.account;
    const side = SIDES[reader.u8()] === shown.side;
    reader.u8();
    const terms = reader.u64() === BigInt(shown.price) && reader.u64() === BigInt(shown.wh);
    reader.fixed(REST_BYTES);
    reader.finish();
    return place && number && account && side && terms;
  } catch {
    return false;
  }
}

export const checkShown = (file: string, chainId: string, shown: Shown): Verdict =>
  judge(file, chainId, { contract: "energy", topics: ["order"], shows: ({ data }) => saysIt(data, shown) });
