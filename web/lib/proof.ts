// SPDX-License-Identifier: Apache-2.0
// Checks the file of an event's proof (chaincore/chain/proof.h) with nothing but the chain's id: no server is asked
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
// Used by pages; also built alone (verify.js), with what checks the other forms, so that anybody can
// load it.
import { type Bytes, equal, hexOf, textOf } from "./bytes";
import { type Ground, type GroundResult, at, checkChain, checkGround, readFile, readGround, require } from "./ground";
import { hash } from "./hash";
import { type Branch, isInList, readBranch } from "./merkle";
import * as shapes from "./shapes";

export { hexOf, textOf } from "./bytes";
export { verifyBlock, verifyEntry, verifyTransaction, STATE_SPACES } from "./facts";
export type { EntryResult, TransactionResult } from "./facts";
export { formOf, ProofError, STEPS, TRUST_PERIOD_MS } from "./ground";
export type { Form, GroundResult, ProofErrorCode, Step } from "./ground";
export { hash } from "./hash";
export { verifySignature } from "./signature";

export interface ProofResult extends GroundResult {
  contract: Bytes;
  isGenesisContract: (name: string) => boolean; // is `contract` the one of that name in genesis?
  topic: string;
  data: Bytes;
  payload: Bytes | null;
  payloadOffset: number;
  txId: string;
}

const MAX_PAYLOAD = 1 << 20;

interface Parts {
  ground: Ground;
  receipt: shapes.Receipt;
  receiptBranch: Branch;
  event: shapes.Event;
  eventBranch: Branch;
  payloadOffset: number;
  payload: Bytes | null;
}

function decode(fileText: string): { chainId: Bytes; parts: Parts } {
  const { chainId, reader } = readFile(fileText, "event");
  const ground = readGround(reader);
  const receipt = shapes.readReceipt(reader);
  const receiptBranch = readBranch(reader);
  const event = shapes.readEvent(reader);
  const eventBranch = readBranch(reader);
  const hasPayload = reader.bool();
  const payloadOffset = hasPayload ? reader.u32() : 0;
  const payload = hasPayload ? reader.bytes(MAX_PAYLOAD) : null;
  reader.finish();
  return { chainId, parts: { ground, receipt, receiptBranch, event, eventBranch, payloadOffset, payload } };
}

// `chainId` in hex: what the caller trusts. Throws a ProofError, or returns what is proven.
export function verifyProof(fileText: string, expected: { chainId: string }): ProofResult {
  const { chainId, parts } = at("file", () => decode(fileText));
  const { ground, receipt, event, payload, payloadOffset } = parts;
  const genesis = checkChain(ground, chainId, expected.chainId);

  if (payload) {
    const committed = event.data.subarray(payloadOffset, payloadOffset + 32);
    require(equal(hash("user", payload), committed), "payload_differs", "payload");
  }
  const isOfReceipt = isInList(parts.eventBranch, event.leaf, receipt.eventsRoot);
  require(isOfReceipt, "event_not_in_receipt", "event");
  require(receipt.code === 0, "transaction_failed", "event");
  const isOfBlock = isInList(parts.receiptBranch, receipt.leaf, ground.header.receiptsRoot);
  require(isOfBlock, "receipt_not_in_block", "block");
  const proven = checkGround(ground, genesis);

  return at("file", () => ({
    ...proven,
    contract: event.contract,
    isGenesisContract: (name) => isGenesisContract(event.contract, genesis, name),
    topic: textOf(event.topic),
    data: event.data,
    payload,
    payloadOffset,
    txId: hexOf(receipt.txId),
  }));
}

function isGenesisContract(contract: Bytes, genesis: shapes.Genesis, name: string): boolean {
  const encoded = new TextEncoder().encode(name);
  return genesis.contracts.some((other) => equal(other, encoded)) && equal(contract, hash("contract", encoded));
}
