// SPDX-License-Identifier: Apache-2.0
// One list of what this browser sent and of what the server tells was paid to and from the account.
import type { TxItem } from "../explorer/data";
import { unitsOf } from "../lib/amount";
import type { Sent } from "./send";

export interface Done {
  id: string;
  at: number;
  way: "in" | "out";
  other: string | null; // who paid, or was paid
  name: string; // of what was no payment
  units: bigint | null;
  state: Sent["state"];
  isSponsored: boolean;
  code: string | null;
  message: string | null;
}

const doneOf = ({ id, at, what, state, isSponsored, code, message }: Sent): Done => ({
  id,
  at,
  way: "out",
  other: "to" in what ? what.to : null,
  name: "name" in what ? what.name : "",
  units: "units" in what ? BigInt(what.units) : null,
  state,
  isSponsored,
  code,
  message,
});

const paymentOf = ({ id, time, sender, to, amount, code }: TxItem, own: string): Done => ({
  id,
  at: Date.parse(time),
  way: to === own && sender !== own ? "in" : "out",
  other: to === own ? sender : to,
  name: "",
  units: unitsOf(amount ?? "0"),
  state: code === "OK" ? "final" : "failed",
  isSponsored: false,
  code,
  message: null,
});

// `told`: the server's, the newest first, as far as they are loaded; `isAll`: there are no older ones.
// What this browser sent before these waits until they reach back to it.
export function joinedWith(kept: Sent[], told: TxItem[], isAll: boolean, own: string): Done[] {
  const ids = new Set(kept.map(({ id }) => id));
  const isPaid = ({ id, sender, to, code }: TxItem): boolean =>
    to !== null && !ids.has(id) && (sender === own || (to === own && code === "OK"));
  const since = isAll ? -Infinity : Math.min(...told.map(({ time }) => Date.parse(time)));
  const mine = kept.filter(({ at }) => at >= since).map(doneOf);
  return [...mine, ...told.filter(isPaid).map((tx) => paymentOf(tx, own))].sort((a, b) => b.at - a.at);
}
