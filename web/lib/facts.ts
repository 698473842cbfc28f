// SPDX-License-Identifier: Apache-2.0
// Checks proofs of what is no event, as proof.ts does those of events: of a transaction and what came
// of it, of an entry of the state or its absence, and of a block. "block" is the step of what stands in
// the block, or in the state after it.
import { type Bytes, type Reader, hexOf } from "./bytes";
import { hash } from "./hash";
import { type GroundResult, type Form, type Ground, at, checkChain, checkGround, readFile, readGround, require } from "./ground";
import { isInList, readBranch } from "./merkle";
import * as shapes from "./shapes";
import { stateRootOf } from "./state";

const MAX_TX = 1280 * 1024;
const MAX_KEY = 1 + 32 + 256;
const MAX_VALUE = 2 << 20;
const MAX_BRANCH = 1 + 64 + 2 + 32 + 32 * 256;

// What the state keeps under: the first byte of a key, then an account's or a contract's id, then for
// storage the contract's own key.
export const STATE_SPACES = { account: 1, contract: 2, storage: 3 } as const;

export interface TransactionResult extends GroundResult {
  txId: string;
  code: number; // 0: it did what it says
  // What was signed, and the signatures; null: the proof shows only what came of it, as that of a
  // timer's run does, which nobody signed.
  signed: { body: Bytes; signatures: Bytes } | null;
}

export interface EntryResult extends GroundResult {
  key: Bytes; // look at it: a proof that one thing is not there may hold for another, too
  value: Bytes | null; // null: there is none
}

// Decodes, checks the chain, then what `check` does about the content, then the ground.
function verify<T>(
  fileText: string,
  form: Form,
  trusted: string,
  read: (reader: Reader) => T,
  check: (content: T, ground: Ground) => void,
): { content: T; ground: GroundResult } {
  const { chainId, ground, content } = at("file", () => {
    const file = readFile(fileText, form);
    const ground = readGround(file.reader);
    const content = read(file.reader);
    file.reader.finish();
    return { chainId: file.chainId, ground, content };
  });
  const genesis = checkChain(ground, chainId, trusted);
  check(content, ground);
  return { content, ground: checkGround(ground, genesis) };
}

function readTransaction(reader: Reader) {
  const signed = reader.bool()
    ? { body: reader.bytes(MAX_TX), signatures: reader.bytes(MAX_TX), branch: readBranch(reader) }
    : null;
  return { signed, receipt: shapes.readReceipt(reader), receiptBranch: readBranch(reader) };
}

// `chainId` in hex: what the caller trusts. Throws a ProofError, or returns what is proven.
export function verifyTransaction(fileText: string, expected: { chainId: string }): TransactionResult {
  const { content, ground } = verify(
    fileText,
    "transaction",
    expected.chainId,
    readTransaction,
    ({ signed, receipt, receiptBranch }, { header }) => {
      const isOfBlock = isInList(receiptBranch, receipt.leaf, header.receiptsRoot);
      require(isOfBlock, "receipt_not_in_block", "block");
      if (!signed) return;
      const id = hash("tx", signed.body);
      const leaf = hash("txleaf", id, signed.signatures);
      const isThere = isInList(signed.branch, leaf, header.txRoot) && hexOf(id) === hexOf(receipt.txId);
      require(isThere, "transaction_not_in_block", "block");
    },
  );
  const { signed, receipt } = content;
  return {
    ...ground,
    txId: hexOf(receipt.txId),
    code: receipt.code,
    signed: signed && { body: signed.body, signatures: signed.signatures },
  };
}

function readEntry(reader: Reader) {
  const key = reader.bytes(MAX_KEY);
  const value = reader.bool() ? reader.bytes(MAX_VALUE) : null;
  return { key, value, branch: reader.bytes(MAX_BRANCH) };
}

export function verifyEntry(fileText: string, expected: { chainId: string }): EntryResult {
  const { content, ground } = verify(
    fileText,
    "entry",
    expected.chainId,
    readEntry,
    ({ key, value, branch }, { header }) => {
      const root = at("block", () => stateRootOf(branch, key, value));
      require(root !== null && hexOf(root) === hexOf(header.stateRoot), "entry_not_in_state", "block");
    },
  );
  return { ...ground, key: content.key, value: content.value };
}

export function verifyBlock(fileText: string, expected: { chainId: string }): GroundResult {
  return verify(fileText, "block", expected.chainId, () => null, () => {}).ground;
}
