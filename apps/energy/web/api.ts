// SPDX-License-Identifier: Apache-2.0
// What the server answers, and the calls of the contract that a person's own wallet signs. The rules'
// numbers stand in contract/rules.h.
import { createClient } from "../../../web/lib/api";
import { type Bytes, bytesOfText, concat } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { prefixed, u64 } from "../../../web/lib/writer";
import { type Wish } from "../../../web/wallet/send";

export interface Entry {
  number: number;
  author: string;
  text: string;
  signed: string;
  changed: string;
  final: boolean;
  height: number;
  tx: string;
  proof: string;
}

export const TEXT_MAX = 280;
export const DEPOSIT_UNITS = 1_000_000n;
const GAS = 2_000_000n;

export const client = createClient();

function call(method: string, given: Bytes, name: string, value = 0n): Wish {
  const contract = hash("contract", bytesOfText("energy"));
  return {
    actions: [{ kind: "call", contract, method, arguments: given, value }],
    gasLimit: GAS,
    what: { kind: method, name },
  };
}
export const signing = (text: string): Wish => call("sign", prefixed(bytesOfText(text)), text, DEPOSIT_UNITS);
export const amending = (number: number, text: string): Wish =>
  call("amend", concat(u64(BigInt(number)), prefixed(bytesOfText(text))), text);
export const withdrawing = (number: number): Wish => call("withdraw", u64(BigInt(number)), String(number));
