// SPDX-License-Identifier: Apache-2.0
// The contract's calls, as a person's own wallet signs them, by the contract's own description.
import { type Json, decodeType, encodeFields, readAbi } from "../../../web/lib/abi";
import { type Bytes, bytesOfHex, bytesOfText, hexOf } from "../../../web/lib/bytes";
import { addressOf } from "../../../web/lib/address";
import { hash } from "../../../web/lib/hash";
import type { Action } from "../../../web/lib/tx";
import description from "../contract/abi.json";
import type { Challenge } from "./lock/messages";

const abi = readAbi(JSON.stringify(description))!;
export const CONTRACT = hash("contract", bytesOfText("sharing"));

// Refusals that pass with time: the booking has not begun, or a lock's clock is ahead of the chain's.
const NOT_YET = ["25", "33"].map((code) => abi.errors.get(code));
export const isNotYet = (message: string | null | undefined): boolean => message != null && NOT_YET.includes(message);

type Given = Record<string, Json>;
function call(method: string, given: Given, value = 0n): Action[] {
  const found = abi.methods.get(method);
  if (!found) throw new RangeError(method);
  return [{ kind: "call", contract: CONTRACT, method, arguments: encodeFields(abi, found.arguments, given), value }];
}

export interface Terms {
  title: string;
  text: string;
  place: string;
  category: string;
  latitude: number; // degrees
  longitude: number;
  photo: string | null;
  pricePerMinute: bigint;
  unit: "minute" | "hour";
  deposit: bigint;
  lateCapMinutes: number;
  cancelFreeMinutes: number;
  cancelPercent: number;
}
const NO_HASH = "0".repeat(64);
const DEGREE = 10_000_000;
const termsOf = (terms: Terms): Given => ({
  title: terms.title,
  text: terms.text,
  place: terms.place,
  category: terms.category,
  latitude: Math.round(terms.latitude * DEGREE),
  longitude: Math.round(terms.longitude * DEGREE),
  photo: terms.photo ?? NO_HASH,
  price_per_minute: String(terms.pricePerMinute),
  unit: terms.unit === "hour" ? 1 : 0,
  deposit: String(terms.deposit),
  late_cap_minutes: terms.lateCapMinutes,
  cancel_free_minutes: terms.cancelFreeMinutes,
  cancel_percent: terms.cancelPercent,
});

const ms = (time: Date): string => String(time.getTime());
const challengeOf = (one: Challenge): Given => ({
  command: one.command,
  lock: hexOf(one.lock),
  nonce: hexOf(one.nonce),
  counter: String(one.counter),
  booking: String(one.booking),
  height: String(one.height),
  time_ms: String(one.timeMs),
});

export const listing = (terms: Terms): Action[] => call("list", termsOf(terms));
export const changing = (asset: number, terms: Terms): Action[] => call("change", { asset, ...termsOf(terms) });
export const withdrawing = (asset: number): Action[] => call("withdraw", { asset });
export const blocking = (asset: number, from: Date, until: Date): Action[] =>
  call("block", { asset, from_ms: ms(from), until_ms: ms(until) });
export const unblocking = (asset: number, until: Date): Action[] => call("unblock", { asset, until_ms: ms(until) });
export const binding = (asset: number, bound: { lock: Bytes; counter: bigint; signature: Bytes }): Action[] =>
  call("bind_lock", {
    asset,
    lock: hexOf(bound.lock),
    counter: String(bound.counter),
    lock_signature: hexOf(bound.signature),
  });
export const unbinding = (asset: number): Action[] => call("unbind", { asset });
export const revoking = (asset: number): Action[] => call("revoke", { asset });
export const booking = (asset: number, [from, until]: [Date, Date], renterKey: Bytes, total: bigint): Action[] =>
  call("book", { asset, from_ms: ms(from), until_ms: ms(until), renter_key: hexOf(renterKey) }, total);
export const extending = (booking: number, until: Date, total: bigint): Action[] =>
  call("extend", { booking, until_ms: ms(until) }, total);
// What an extension costs, asked of the contract itself.
export const extensionQuestion = (booking: number, until: Date): [string, string] => [
  `/v1/contracts/${addressOf(CONTRACT)}/views/quote_extension`,
  JSON.stringify({ arguments: { booking, until_ms: ms(until) } }),
];
export const extensionTotal = (answer: string): bigint =>
  BigInt((decodeType(abi, "quote", bytesOfHex(answer)) as { total: string }).total);
export const cancelling = (booking: number): Action[] => call("cancel", { booking });
export const ending = (booking: number): Action[] => call("end", { booking });
export const contesting = (booking: number): Action[] => call("contest", { booking });
interface CoSigned {
  challenge: Challenge;
  signature: Bytes;
  lockSignature: Bytes;
}
const using = (method: string, booking: number, { challenge, signature, lockSignature }: CoSigned): Action[] =>
  call(method, {
    booking,
    challenge: challengeOf(challenge),
    signature: hexOf(signature),
    lock_signature: hexOf(lockSignature),
  });
export const starting = (booking: number, signed: CoSigned): Action[] => using("start", booking, signed);
export const returning = (booking: number, signed: CoSigned): Action[] => using("give_back", booking, signed);
