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
//   witnesses a quorum of the witnesses signed the certified block as final
//
// Used by pages; also built alone (proof.js) so that anybody can load it.
import { type Bytes, DecodeError, Reader, bytesOfHex, equal, hexOf, textOf, u64Bytes } from "./bytes";
import { hash } from "./hash";
import { type Branch, isInList, readBranch } from "./merkle";
import * as shapes from "./shapes";
import { verifyTagged } from "./signature";

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
  | "unknown_witnesses" // a set that genesis does not name
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
  signers: number[]; // indices in the witness set
  witnesses: number;
  quorum: number;
}

const MAX_BYTES = 2 << 20;
const MAX_PAYLOAD = 1 << 20;
const FINALIZE = 3;
const HEAD = '{"format":"lmm-proof-1","chain_id":"';
const MIDDLE = '","proof":"';
const TAIL = '"}\n';

interface Parts {
  genesisHead: Bytes;
  anchor: shapes.Header;
  certificate: Bytes;
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

function decode(input: Bytes): Parts {
  const reader = new Reader(input);
  if (reader.u8() !== 1) throw new DecodeError("unsupported");
  const genesisHead = reader.bytes(shapes.GENESIS_HEAD_MAX_BYTES);
  const anchor = shapes.readHeader(reader);
  const certificate = reader.bytes(shapes.CERTIFICATE_MAX_BYTES);
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
    genesisHead,
    anchor,
    certificate,
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

function checkCertificate(parts: Parts, chainId: Bytes, keys: Bytes[]): number[] {
  const { anchor } = parts;
  require(equal(shapes.setHashOf(keys), anchor.setHash), "unknown_witnesses", "witnesses");
  const certificate = at("witnesses", () => shapes.decodeCertificate(parts.certificate, keys.length));
  const { votes, view } = certificate;
  require(votes.length >= shapes.quorumOf(keys.length), "too_few_signatures", "witnesses");
  require(view >= anchor.view, "bad_signature", "witnesses");
  const payload = hash(
    "vote",
    u64Bytes(anchor.epoch),
    anchor.setHash,
    Uint8Array.of(FINALIZE),
    u64Bytes(view),
    anchor.id,
  );
  for (const { witness, signature } of votes) {
    const holds = verifyTagged(signature, keys[witness]!, { tag: "lmm:vote", chainId, payload });
    require(holds, "bad_signature", "witnesses");
  }
  return votes.map((vote) => vote.witness);
}

// `chainId` in hex: what the caller trusts. Throws a ProofError, or returns what is proven.
export function verifyProof(fileText: string, expected: { chainId: string }): ProofResult {
  const { chainId, parts } = at("file", () => {
    const file = readFile(fileText);
    return { chainId: file.chainId, parts: decode(file.proof) };
  });
  const { anchor, receipt, event, payload, payloadOffset } = parts;
  const header = parts.older?.header ?? anchor;

  const isThatChain =
    hexOf(chainId) === expected.chainId &&
    equal(hash("genesis", parts.genesisHead), chainId) &&
    equal(anchor.chainId, chainId) &&
    equal(header.chainId, chainId);
  require(isThatChain, "wrong_chain", "chain");
  const genesis = at("chain", () => shapes.decodeGenesisHead(parts.genesisHead));

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
  const signers = checkCertificate(parts, chainId, genesis.witnessKeys);

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
    signers,
    witnesses: genesis.witnessKeys.length,
    quorum: shapes.quorumOf(genesis.witnessKeys.length),
  }));
}

function isGenesisContract(contract: Bytes, genesis: shapes.Genesis, name: string): boolean {
  const encoded = new TextEncoder().encode(name);
  return genesis.contracts.some((other) => equal(other, encoded)) && equal(contract, hash("contract", encoded));
}
