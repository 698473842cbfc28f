// SPDX-License-Identifier: Apache-2.0
// What a proof file says about an entry (web/lib/verdict.ts), loaded when one is opened. Each event of
// the contract is {number u64, author [32], text string} in Borsh.
import { addressOf } from "../../../web/lib/address";
import { Reader, textOf } from "../../../web/lib/bytes";
import { judge } from "../../../web/lib/verdict";
import type { Verdict } from "../../../web/lib/verdict-steps";
import { type Entry, TEXT_MAX } from "./api";

export type Shown = Pick<Entry, "number" | "author" | "text">;

function saysIt(data: Uint8Array, shown: Shown): boolean {
  try {
    const reader = new Reader(data);
    const [number, author] = [reader.u64(), addressOf(reader.fixed(32))];
    const text = textOf(reader.bytes(TEXT_MAX));
    reader.finish();
    return number === BigInt(shown.number) && author === shown.author && text === shown.text;
  } catch {
    return false;
  }
}

export const checkShown = (file: string, chainId: string, shown: Shown): Verdict =>
  judge(file, chainId, {
    contract: "energy",
    topics: ["signed", "amended"],
    shows: ({ data }) => saysIt(data, shown),
  });
