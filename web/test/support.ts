// SPDX-License-Identifier: Apache-2.0
// What the tests share: where the vectors lie, an encoder of proofs (the pages only decode), and a
// small chain of four witnesses to make proofs on.
import { webcrypto } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { etc, getPublicKey, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, bytesOfText, concat, equal, hexOf, u64Bytes } from "../lib/bytes";
import { FORMS, type Form } from "../lib/ground";
import { hash, padded16 } from "../lib/hash";
import { listRoot } from "../lib/merkle";
import { setHashOf } from "../lib/shapes";

// What browsers have and Node 18 keeps to itself.
Object.defineProperty(globalThis, "crypto", { value: webcrypto, configurable: true });
// Node's keeps its process alive for news of other tabs, of which there are none.
Reflect.deleteProperty(globalThis, "BroadcastChannel");
etc.sha512Sync = (...parts) => sha512(concat(...parts));

const top = process.env["srcdir"] ?? ".";
export const sourceFile = (path: string): string => join(top, path);

// A file of the public test data, or null where that is not there.
export function sharedData(path: string): unknown {
  const file = join(process.env["LMM_SHARED_DATA"] ?? join(top, "../shared/data"), path);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

export const u16 = (n: number): Bytes => Uint8Array.of(n & 255, n >> 8);
export const u32 = (n: number): Bytes => concat(u16(n & 0xffff), u16(n >>> 16));
export const u64 = (n: number): Bytes => u64Bytes(BigInt(n));
export const vector = (bytes: Bytes): Bytes => concat(u32(bytes.length), bytes);
export const filled = (byte: number): Bytes => new Uint8Array(32).fill(byte);

export interface Branch {
  index: number;
  siblings: Bytes[];
  count: number;
}
export function branchOf(leaves: Bytes[], index: number): Branch {
  const root = (from: number, to: number): Bytes =>
    to - from === 1 ? leaves[from]! : hash("node", root(from, cut(from, to)), root(cut(from, to), to));
  const cut = (from: number, to: number): number => {
    let left = 1;
    while (left * 2 < to - from) left *= 2;
    return from + left;
  };
  const siblings: Bytes[] = [];
  for (let from = 0, to = leaves.length; to - from > 1; ) {
    const middle = cut(from, to);
    siblings.unshift(index < middle ? root(middle, to) : root(from, middle));
    if (index < middle) to = middle;
    else from = middle;
  }
  return { index, count: leaves.length, siblings };
}
export const encodeBranch = (branch: Branch): Bytes =>
  concat(u64(branch.index), u64(branch.count), ...branch.siblings);

// Two sets of four: the second shares two keys with the first.
const secrets = [1, 2, 3, 4, 5, 6].map(filled);
const secretsOf = (set: Bytes[]): Bytes[] => set.map((key) => secrets.find((one) => equal(getPublicKey(one), key))!);
export const witnessKeys = secrets.slice(0, 4).map((secret) => getPublicKey(secret));
export const laterKeys = secrets.slice(2).map((secret) => getPublicKey(secret));
export const contractId = hash("contract", bytesOfText("supplychain"));

export const BEGIN_MS = 1_700_000_000_000;
// Every market's contract stands in it.
const markets = readdirSync(sourceFile("apps")).filter((name) => existsSync(sourceFile(`apps/${name}/web`))).sort();
export const genesisHead = concat(
  Uint8Array.of(1),
  vector(bytesOfText("testnet")),
  u64(BEGIN_MS),
  concat(u32(500), u32(120), u64(1), u64(100_000_000), u64(10), u16(1), u16(1), Uint8Array.of(1, 0)),
  filled(9), // of the balances
  concat(u32(4), ...witnessKeys.map((key, i) => concat(filled(i), key))),
  concat(u32(markets.length), ...markets.map((name) => concat(vector(bytesOfText(name)), filled(7), filled(6)))),
);
export const chainId = hash("genesis", genesisHead);

export interface HeaderFields {
  height: number;
  receiptsRoot: Bytes;
  historyRoot: Bytes;
  epoch?: number;
  view?: number;
  setHash?: Bytes;
  nextSetHash?: Bytes;
  chain?: Bytes;
}
export const encodeHeader = (fields: HeaderFields): Bytes =>
  concat(
    concat(Uint8Array.of(1), fields.chain ?? chainId, u16(0), u64(fields.height), u64(fields.epoch ?? 0)),
    concat(u64(fields.view ?? fields.height), filled(0), u64(BEGIN_MS + fields.height * 500), u16(1)),
    concat(fields.setHash ?? setHashOf(witnessKeys), fields.nextSetHash ?? filled(0), filled(0x71)),
    concat(fields.receiptsRoot, filled(0x72), fields.historyRoot, filled(0x73), u64(1234)),
    vector(Uint8Array.of(0b1011)),
  );

// A certificate of the block with this id, by these witnesses of its set.
export interface Certified {
  header: Bytes;
  keys: Bytes[];
  epoch: number;
  view: number;
  signers?: number[] | undefined;
  kind?: number | undefined;
  setHash?: Bytes;
}
export function certificate({ header, keys, epoch, view, signers = [0, 2, 3], ...rest }: Certified): Bytes {
  const kind = Uint8Array.of(rest.kind ?? 3);
  const setHash = rest.setHash ?? setHashOf(keys);
  const payload = hash("vote", u64(epoch), setHash, kind, u64(view), hash("header", header));
  const message = concat(padded16("lmm:vote"), chainId, payload);
  const bitmap = Uint8Array.of(signers.reduce((bits, i) => bits | (1 << i), 0));
  return concat(u64(view), bitmap, ...signers.map((i) => sign(message, secretsOf(keys)[i]!)));
}
export const encodeSet = (keys: Bytes[]): Bytes => concat(u32(keys.length), ...keys);

// How the last block's witnesses follow from those of genesis:
//   same     they are the same
//   handed   the last block of epoch 0, at height 9, hands over to them
//   skipped  two of the first ones signed beside them
export type Way = "same" | "handed" | "skipped";
export interface ProofOptions {
  signers?: number[];
  voteKind?: number;
  certificateView?: number;
  setHash?: Bytes;
  isAnchor?: boolean;
  receiptCode?: number;
  payload?: Bytes | null;
  payloadShift?: number;
  contract?: Bytes;
  topic?: string;
  data?: Bytes; // of the event
  historyIndex?: number;
  way?: Way;
  hasBacking?: boolean;
  handOvers?: Bytes[];
}

export interface HandOverFields {
  height?: number;
  named?: Bytes[]; // the set, where it is not the believed one
  next?: Bytes[];
  nextHash?: Bytes;
  signers?: number[];
}
// Of the last block of epoch 0.
export function handOver({ height = 9, named = [], next = laterKeys, signers, nextHash }: HandOverFields = {}): Bytes {
  const roots = { receiptsRoot: filled(0x22), historyRoot: filled(0x23) };
  const header = encodeHeader({ height, ...roots, nextSetHash: nextHash ?? setHashOf(next) });
  const by = certificate({ header, keys: witnessKeys, epoch: 0, view: height, signers });
  return concat(header, vector(by), encodeSet(named), encodeSet(next));
}

// The data of a "captured" event with three entries; the payload is the body of the second.
export const PAYLOAD_OFFSET = 40 + 97 + 65;
export function capturedData(payload: Bytes, shift = 0): Bytes {
  const entry = (flags: number, body: Bytes): Bytes =>
    concat(Uint8Array.of(flags), filled(0x51), filled(0x52), hash("user", body));
  const bodies = [entry(0, filled(1)), entry(1, payload), entry(2, filled(3))];
  const data = concat(filled(0x50), u32(0), u32(3), ...bodies);
  data.set(hash("user", payload), PAYLOAD_OFFSET + shift);
  return data;
}

export function makeProof(options: ProofOptions = {}): Bytes {
  const payload = options.payload === undefined ? bytesOfText('{"type":"ObjectEvent"}') : options.payload;
  const shift = options.payloadShift ?? 0;
  const data = options.data ?? capturedData(payload ?? filled(8), shift);
  const topic = vector(bytesOfText(options.topic ?? "captured"));
  const event = concat(options.contract ?? contractId, topic, vector(data));
  const events = [filled(0x41), hash("event", event), filled(0x42)];
  const code = u16(options.receiptCode ?? 0);
  const receipt = concat(filled(0x61), code, u32(0), u64(777), listRoot(events));
  const receipts = [filled(0x31), filled(0x32), filled(0x33), hash("receipt", receipt), filled(0x34)];
  const height = 5;
  const header = encodeHeader({ height, receiptsRoot: listRoot(receipts), historyRoot: filled(0x20) });
  const history = Array.from({ length: 11 }, (_, i) => (i === height ? hash("header", header) : filled(i)));
  const way = options.way ?? "same";
  const [keys, epoch] = way === "same" ? [witnessKeys, 0] : [laterKeys, 1];
  const setHash = options.setHash ?? setHashOf(keys);
  const roots = { receiptsRoot: filled(0x21), historyRoot: listRoot(history) };
  const anchor = options.isAnchor ? header : encodeHeader({ height: 11, ...roots, setHash, epoch });
  const view = options.certificateView ?? (options.isAnchor ? 5 : 12);
  const signed = { header: anchor, keys, epoch, view, setHash, kind: options.voteKind };
  const by = certificate({ ...signed, signers: options.signers ?? (way === "skipped" ? [0, 1, 3] : undefined) });
  const older = concat(header, encodeBranch(branchOf(history, options.historyIndex ?? height)));
  const handOvers = options.handOvers ?? (way === "handed" ? [handOver()] : []);
  const backing = concat(
    concat(vector(genesisHead), u32(handOvers.length), ...handOvers),
    concat(vector(by), encodeSet(way === "skipped" ? keys : [])),
  );
  const tail = payload ? concat(Uint8Array.of(1), u32(PAYLOAD_OFFSET + shift), vector(payload)) : Uint8Array.of(0);
  return concat(
    concat(Uint8Array.of(2), anchor),
    options.hasBacking === false ? Uint8Array.of(0) : concat(Uint8Array.of(1), backing),
    options.isAnchor ? Uint8Array.of(0) : concat(Uint8Array.of(1), older),
    concat(receipt, encodeBranch(branchOf(receipts, 3)), event, encodeBranch(branchOf(events, 1)), tail),
  );
}

export const fileOf = (proof: Bytes, chain: Bytes = chainId): string =>
  `{"format":"lmm-proof-2","chain_id":"${hexOf(chain)}","proof":"${hexOf(proof)}"}\n`;

// The golden files of a form, as tests/vectors/proof_golden.c describes them.
export interface Golden {
  file: string;
  chain_id: string;
  form: number;
  height: number;
  payload?: string | null;
  key?: string;
  value?: string | null;
}
export function goldensOf(form: Form): [string, Golden][] {
  const folder = sourceFile("tests/vectors/proof");
  return readdirSync(folder)
    .map((name): [string, Golden] => [name, JSON.parse(readFileSync(join(folder, name), "utf8")) as Golden])
    .filter(([, golden]) => golden.form === FORMS[form]);
}
