// SPDX-License-Identifier: Apache-2.0
// Transactions as a browser makes them: the encoding of chaincore/chain/tx.h (docs/protocol.md has
// golden bytes, which the tests hold this file to), the id, what is signed. Of the actions those that
// a person's wallet sends.
import { type Bytes, bytesOfText, concat } from "./bytes";
import { hash, padded16 } from "./hash";
import { fixed, id, option, prefixed, u32, u64, u8, vector } from "./writer";

export const TX_MAX_BYTES = 64 * 1024;
export const TX_VALID_BLOCKS = 28_800n; // at most so far ahead

export type Action =
  | { kind: "transfer"; to: Bytes; amount: bigint }
  | { kind: "call"; contract: Bytes; method: string; arguments: Bytes; value: bigint }
  | { kind: "set_enc_key"; key: Bytes }
  | { kind: "lock_stake" | "unlock_stake"; amount: bigint }
  | { kind: "withdraw_stake" | "claim_shares" }
  | { kind: "vote"; candidates: Bytes[] }
  | { kind: "close_lane"; lane: number }
  | { kind: "remove_account"; account: Bytes };

export interface TxBody {
  sender: Bytes;
  lane: number;
  seq: bigint;
  validUntil: bigint; // the last height that may include it
  gasLimit: bigint;
  gasPrice: bigint; // base units per gas
  payer: Bytes | null;
  actions: Action[];
}

export interface TxSignature {
  role: "sender" | "payer";
  keyIndex: number;
  key: Bytes | null; // of an account that never set an authority
  signature: Bytes;
}

function method(name: string): Bytes {
  if (!/^[a-z0-9_]{1,64}$/.test(name)) throw new RangeError(name);
  return prefixed(bytesOfText(name));
}

export function encodeAction(action: Action): Bytes {
  switch (action.kind) {
    case "transfer":
      return concat(u8(0), id(action.to), u64(action.amount));
    case "call":
      return concat(u8(1), id(action.contract), method(action.method), prefixed(action.arguments), u64(action.value));
    case "set_enc_key":
      return concat(u8(5), id(action.key));
    case "lock_stake":
      return concat(u8(6), u64(action.amount));
    case "unlock_stake":
      return concat(u8(7), u64(action.amount));
    case "withdraw_stake":
      return u8(8);
    case "vote":
      return concat(u8(11), vector(action.candidates.map(id)));
    case "close_lane":
      return concat(u8(12), u32(action.lane));
    case "remove_account":
      return concat(u8(14), id(action.account));
    case "claim_shares":
      return u8(15);
  }
}

export function encodeBody(body: TxBody): Bytes {
  if (body.actions.length < 1 || body.actions.length > 16) throw new RangeError("actions");
  return concat(
    concat(u8(1), id(body.sender), u32(body.lane), u64(body.seq), u64(body.validUntil)),
    concat(u64(body.gasLimit), u64(body.gasPrice), option(body.payer && id(body.payer))),
    vector(body.actions.map(encodeAction)),
  );
}

export const txIdOf = (body: Bytes): Bytes => hash("tx", body);

export const signedBytes = (txId: Bytes, chainId: Bytes): Bytes =>
  concat(padded16("lmm:transaction"), id(chainId), id(txId));

export function encodeTx(body: Bytes, signatures: TxSignature[]): Bytes {
  const entries = signatures.map(({ role, keyIndex, key, signature }) =>
    concat(u8(role === "sender" ? 0 : 1), u8(keyIndex), option(key && id(key)), fixed(signature, 64)),
  );
  return concat(body, vector(entries));
}
