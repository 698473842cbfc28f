// SPDX-License-Identifier: Apache-2.0
// Checks a proof file (chaincore/chain/proof.h) with nothing but the chain's id: no server is asked
// and none is believed. Seven steps, in an order that names the first thing wrong:
//
//   file      the text is the one spelling of one proof, and decodes
//   chain     the head of genesis in it hashes to the chain's id, and names the witnesses
//   payload   the content hashes to what the contract's event holds at the given place
//   event     the event is among those of the transaction's receipt
//   block     the receipt is among those of the block
//   history   the block is in the history of the certified block (or is that block)
//   witnesses a quorum signed the certified block as final: of the witnesses that genesis names, or
//             of those that these handed over to
//
// It has no clock. Keys of witnesses that have left could sign another past; how long ago genesis
// was (trustedSince) says whether anybody can have left yet (docs/proofs.md).
//
// Used by pages; also built alone (proof.js) so that anybody can load it.
import { type Bytes, DecodeError, Reader, bytesOfHex, equal, hexOf, textOf } from "./bytes";
import { hash } from "./hash";
import { type Branch, isInList, readBranch } from "./merkle";
import * as shapes from "./shapes";
import { type HandOver, Trust, TrustError, readHandOvers, readSet } from "./trust";

export { hexOf, textOf } from "./bytes";
export { hash } from "./hash";
export { verifySignature } from "./signature";

export const STEPS = ["file", "chain", "payload", "event", "block", "history", "witnesses"] as const;
export type Step = (typeof STEPS)[number];

export type ProofErrorCode =
  | "not_a_proof" // not the file's form
  | "malformed" // the form, with bytes that are no proof
  | "wrong_chain" // of another chain than asked for
  | "payload_differs"
  | "event_not_in_receipt"
  | "transaction_failed"
  | "receipt_not_in_block"
  | "block_not_in_history"
  | "no_backing" // made for those who believe its block already
  | "unknown_witnesses" // a set that nobody who is believed handed over to
  | "too_few_signatures"
  | "bad_signature";

export class ProofError extends Error {
  constructor(
    readonly code: ProofErrorCode,
    readonly step: Step,
  ) {
    super(`${step}: ${code}`);
    this.name = "ProofError";
  }
}

export interface ProofResult {
  contract: Bytes;
  isGenesisContract: (name: string) => boolean; // is `contract` the one of that name in genesis?
  topic: string;
  data: Bytes;
  payload: Bytes | null;
  payloadOffset: number;
  txId: string;
  blockId: string;
  height: bigint;
  time: Date;
  anchorHeight: bigint; // the block that the signatures are on
  chainId: string;
  chainName: string;
  trustedSince: Date; // the time of genesis, which names the first witnesses
  handOvers: number; // from these to those who signed
  signers: number[]; // indices in the witness set
  witnesses: number;
  quorum: number;
}

const MAX_BYTES = 2 << 20;
const MAX_PAYLOAD = 1 << 20;
export const TRUST_PERIOD_MS = 7 * 24 * 3600 * 1000;
const HEAD = '{"format":"lmm-proof-2","chain_id":"';
const MIDDLE = '","proof":"';
const TAIL = '"}\n';

// Why the anchor is to be believed by one who knows the chain's id.
interface Backing {
  genesisHead: Bytes;
  handOvers: HandOver[];
  certificate: Bytes;
  set: Bytes[];
}
interface Parts {
  anchor: shapes.Header;
  backing: Backing | null;
  older: { header: shapes.Header; history: Branch } | null; // null: the event's block is the anchor
  receipt: shapes.Receipt;
  receiptBranch: Branch;
  event: shapes.Event;
  eventBranch: Branch;
  payloadOffset: number;
  payload: Bytes | null;
}

function readFile(text: string): { chainId: Bytes; proof: Bytes } {
  const middle = HEAD.length + 64;
  const start = middle + MIDDLE.length;
  const end = text.length - TAIL.length;
  const hasForm =
    end > start &&
    end - start <= 2 * MAX_BYTES &&
    text.startsWith(HEAD) &&
    text.startsWith(MIDDLE, middle) &&
    text.endsWith(TAIL);
  if (!hasForm) throw new ProofError("not_a_proof", "file");
  return { chainId: bytesOfHex(text.slice(HEAD.length, middle)), proof: bytesOfHex(text.slice(start, end)) };
}

function readBacking(reader: Reader, anchor: shapes.Header): Backing {
  const genesisHead = reader.bytes(shapes.GENESIS_HEAD_MAX_BYTES);
  const handOvers = readHandOvers(reader, anchor);
  const certificate = reader.bytes(shapes.CERTIFICATE_MAX_BYTES);
  return { genesisHead, handOvers, certificate, set: readSet(reader) };
}

function decode(input: Bytes): Parts {
  const reader = new Reader(input);
  if (reader.u8() !== 2) throw new DecodeError("unsupported");
  const anchor = shapes.readHeader(reader);
  const backing = reader.bool() ? readBacking(reader, anchor) : null;
  const older = reader.bool() ? { header: shapes.readHeader(reader), history: readBranch(reader) } : null;
  const receipt = shapes.readReceipt(reader);
  const receiptBranch = readBranch(reader);
  const event = shapes.readEvent(reader);
  const eventBranch = readBranch(reader);
  const hasPayload = reader.bool();
  const payloadOffset = hasPayload ? reader.u32() : 0;
  const payload = hasPayload ? reader.bytes(MAX_PAYLOAD) : null;
  reader.finish();
  return {
    anchor,
    backing,
    older,
    receipt,
    receiptBranch,
    event,
    eventBranch,
    payloadOffset,
    payload,
  };
}

// Runs a step; what its decoders refuse counts against it.
function at<T>(step: Step, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof DecodeError) throw new ProofError("malformed", step);
    throw error;
  }
}

function require(holds: boolean, code: ProofErrorCode, step: Step): void {
  if (!holds) throw new ProofError(code, step);
}

function checkHistory({ anchor, older }: Parts): void {
  if (!older) return;
  const { header, history } = older;
  const isAtItsPlace = history.index === header.height && history.count === anchor.height;
  const holds = isAtItsPlace && isInList(history, header.id, anchor.historyRoot);
  require(holds, "block_not_in_history", "history");
}

// Who signed the anchor, and the set that they are of.
function checkBacking(anchor: shapes.Header, backing: Backing, genesis: shapes.Genesis): [number[], Bytes[]] {
  const trust = new Trust(anchor.chainId, genesis.witnessKeys, genesis.timeMs);
  const { certificate, set } = backing;
  try {
    return at("witnesses", () => {
      for (const handOver of backing.handOvers) trust.take(handOver);
      return [trust.take({ header: anchor, certificate, set, next: [] }), trust.set];
    });
  } catch (error) {
    if (error instanceof TrustError) throw new ProofError(error.code, "witnesses");
    throw error;
  }
}

// `chainId` in hex: what the caller trusts. Throws a ProofError, or returns what is proven.
export function verifyProof(fileText: string, expected: { chainId: string }): ProofResult {
  const { chainId, parts } = at("file", () => {
    const file = readFile(fileText);
    return { chainId: file.chainId, parts: decode(file.proof) };
  });
  const { anchor, backing, receipt, event, payload, payloadOffset } = parts;
  const header = parts.older?.header ?? anchor;

  const isThatChain =
    hexOf(chainId) === expected.chainId && equal(anchor.chainId, chainId) && equal(header.chainId, chainId);
  require(isThatChain, "wrong_chain", "chain");
  if (!backing) throw new ProofError("no_backing", "chain");
  require(equal(hash("genesis", backing.genesisHead), chainId), "wrong_chain", "chain");
  const genesis = at("chain", () => shapes.decodeGenesisHead(backing.genesisHead));

  if (payload) {
    const committed = event.data.subarray(payloadOffset, payloadOffset + 32);
    require(equal(hash("user", payload), committed), "payload_differs", "payload");
  }
  const isOfReceipt = isInList(parts.eventBranch, event.leaf, receipt.eventsRoot);
  require(isOfReceipt, "event_not_in_receipt", "event");
  require(receipt.code === 0, "transaction_failed", "event");
  const isOfBlock = isInList(parts.receiptBranch, receipt.leaf, header.receiptsRoot);
  require(isOfBlock, "receipt_not_in_block", "block");
  checkHistory(parts);
  const [signers, set] = checkBacking(anchor, backing, genesis);

  return at("file", () => ({
    contract: event.contract,
    isGenesisContract: (name) => isGenesisContract(event.contract, genesis, name),
    topic: textOf(event.topic),
    data: event.data,
    payload,
    payloadOffset,
    txId: hexOf(receipt.txId),
    blockId: hexOf(header.id),
    height: header.height,
    time: new Date(Number(header.timeMs)),
    anchorHeight: anchor.height,
    chainId: hexOf(chainId),
    chainName: textOf(genesis.name),
    trustedSince: new Date(Number(genesis.timeMs)),
    handOvers: backing.handOvers.length,
    signers,
    witnesses: set.length,
    quorum: shapes.quorumOf(set.length),
  }));
}

function isGenesisContract(contract: Bytes, genesis: shapes.Genesis, name: string): boolean {
  const encoded = new TextEncoder().encode(name);
  return genesis.contracts.some((other) => equal(other, encoded)) && equal(contract, hash("contract", encoded));
}
