// SPDX-License-Identifier: Apache-2.0
// What a proof is made of, as decoded: header, certificate, genesis, receipt, event. Each follows
// the encoding of the C file of the same name in chaincore/chain, bounds and refusals included.
import { type Bytes, DecodeError, Reader, equal } from "./bytes";
import { hash } from "./hash";
import { listRoot } from "./merkle";

export const LIMIT_WITNESSES = 101;

export interface Header {
  id: Bytes;
  chainId: Bytes;
  height: bigint;
  epoch: bigint;
  view: bigint;
  timeMs: bigint;
  setHash: Bytes;
  nextSetHash: Bytes;
  txRoot: Bytes;
  receiptsRoot: Bytes;
  stateRoot: Bytes;
  historyRoot: Bytes;
}

export function readHeader(reader: Reader): Header {
  const from = reader.position;
  if (reader.u8() !== 1) throw new DecodeError("unsupported");
  const chainId = reader.hash();
  reader.u16(); // shard
  const height = reader.u64();
  const epoch = reader.u64();
  const view = reader.u64();
  reader.hash(); // parent
  const timeMs = reader.u64();
  reader.u16(); // leader
  const setHash = reader.hash();
  const nextSetHash = reader.hash();
  const txRoot = reader.hash();
  const receiptsRoot = reader.hash();
  const stateRoot = reader.hash();
  const historyRoot = reader.hash();
  reader.hash(); // params_hash
  reader.u64(); // gas_used
  reader.bytes(Math.ceil(LIMIT_WITNESSES / 8)); // parent_voters
  const id = hash("header", reader.since(from));
  const roots = { txRoot, receiptsRoot, stateRoot, historyRoot };
  return { id, chainId, height, epoch, view, timeMs, setHash, nextSetHash, ...roots };
}

export interface Certificate {
  view: bigint;
  votes: { witness: number; signature: Bytes }[];
}

export const CERTIFICATE_MAX_BYTES = 8 + Math.ceil(LIMIT_WITNESSES / 8) + 64 * LIMIT_WITNESSES;

export function decodeCertificate(input: Bytes, witnesses: number): Certificate {
  const reader = new Reader(input);
  const view = reader.u64();
  const bitmap = reader.fixed(Math.ceil(witnesses / 8));
  const voters: number[] = [];
  for (let i = 0; i < bitmap.length * 8; i++) {
    if (!((bitmap[i >> 3]! >> (i & 7)) & 1)) continue;
    if (i >= witnesses) throw new DecodeError("malformed");
    voters.push(i);
  }
  const votes = voters.map((witness) => ({ witness, signature: reader.fixed(64) }));
  reader.finish();
  return { view, votes };
}

// How many of n may fail, and how many must sign.
export const faultsOf = (witnesses: number): number => Math.floor((witnesses - 1) / 3);
export const quorumOf = (witnesses: number): number => witnesses - faultsOf(witnesses);

export const setHashOf = (keys: Bytes[]): Bytes => listRoot(keys.map((key) => hash("witness", key)));

// The head of a genesis, whose hash is the chain's id.
export interface Genesis {
  name: Bytes;
  timeMs: bigint;
  witnessKeys: Bytes[];
  contracts: Bytes[]; // names
}

// Block interval, epoch, gas price and limit, deposit, fewest witnesses, protocol; then two bools.
const PARAMS_BYTES = 4 + 4 + 8 + 8 + 8 + 2 + 2 + 2;
export const GENESIS_HEAD_MAX_BYTES =
  1 + (4 + 32) + 8 + PARAMS_BYTES + 32 + (4 + 64 * LIMIT_WITNESSES) + (4 + 16 * (4 + 32 + 64));

export function decodeGenesisHead(input: Bytes): Genesis {
  const reader = new Reader(input);
  if (reader.u8() !== 1) throw new DecodeError("unsupported");
  const name = reader.bytes(32);
  const timeMs = reader.u64();
  reader.fixed(PARAMS_BYTES - 2);
  reader.bool();
  reader.bool();
  reader.hash(); // of the balances
  const witnessKeys: Bytes[] = [];
  for (let left = reader.count(LIMIT_WITNESSES); left > 0; left--) {
    reader.hash(); // the account that earns the rewards
    const key = reader.hash();
    if (witnessKeys.some((other) => equal(other, key))) throw new DecodeError("malformed");
    witnessKeys.push(key);
  }
  if (witnessKeys.length === 0) throw new DecodeError("malformed");
  const contracts: Bytes[] = [];
  for (let left = reader.count(16); left > 0; left--) {
    contracts.push(reader.bytes(32));
    reader.hash(); // of its code
    reader.hash(); // of its arguments
  }
  reader.finish();
  return { name, timeMs, witnessKeys, contracts };
}

export interface Receipt {
  leaf: Bytes;
  txId: Bytes;
  code: number; // 0: done
  eventsRoot: Bytes;
}

export function readReceipt(reader: Reader): Receipt {
  const from = reader.position;
  const txId = reader.hash();
  const code = reader.u16();
  reader.u32(); // contract_code
  reader.u64(); // gas_used
  const eventsRoot = reader.hash();
  return { leaf: hash("receipt", reader.since(from)), txId, code, eventsRoot };
}

export interface Event {
  leaf: Bytes;
  contract: Bytes;
  topic: Bytes;
  data: Bytes;
}

export function readEvent(reader: Reader): Event {
  const from = reader.position;
  const contract = reader.hash();
  const topic = reader.bytes(64);
  const data = reader.bytes(16 * 1024);
  if (topic.length === 0) throw new DecodeError("malformed");
  return { leaf: hash("event", reader.since(from)), contract, topic, data };
}
