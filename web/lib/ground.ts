// SPDX-License-Identifier: Apache-2.0
// What proofs of every form stand on (chaincore/chain/proof.h): the file, the block that something
// hangs below, and why its header is to be believed by one who knows the chain's id.
import { type Bytes, DecodeError, Reader, bytesOfHex, equal, hexOf, textOf } from "./bytes";
import { hash } from "./hash";
import { type Branch, isInList, readBranch } from "./merkle";
import * as shapes from "./shapes";
import { type HandOver, Trust, TrustError, readHandOvers, readSet } from "./trust";

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
  | "transaction_not_in_block"
  | "entry_not_in_state"
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

// The number in the name of a file's format, and the first byte of its proof.
export const FORMS = { event: 2, transaction: 3, entry: 4, block: 5 } as const;
export type Form = keyof typeof FORMS;

// What every proof tells: the block, and who signed that it is final.
export interface GroundResult {
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

export const TRUST_PERIOD_MS = 7 * 24 * 3600 * 1000;
const MAX_BYTES = 2 << 20;
const HEAD = '{"format":"lmm-proof-';
const NEXT = '","chain_id":"';
const MIDDLE = '","proof":"';
const TAIL = '"}\n';

// Why the anchor is to be believed by one who knows the chain's id.
interface Backing {
  genesisHead: Bytes;
  handOvers: HandOver[];
  certificate: Bytes;
  set: Bytes[];
}
export interface Ground {
  anchor: shapes.Header;
  backing: Backing | null;
  older: { header: shapes.Header; history: Branch } | null; // null: the block is the anchor
  header: shapes.Header; // of the block
}

// The form by the file's own word, or null for what is none of them.
export function formOf(text: string): Form | null {
  const named = Object.entries(FORMS).find(([, number]) => text.startsWith(`${HEAD}${number}${NEXT}`));
  return named ? (named[0] as Form) : null;
}

// A file of this form: the chain that it names, and a reader behind the proof's first byte.
export function readFile(text: string, form: Form): { chainId: Bytes; reader: Reader } {
  const from = HEAD.length + 1 + NEXT.length;
  const middle = from + 64;
  const start = middle + MIDDLE.length;
  const end = text.length - TAIL.length;
  const hasForm =
    end > start &&
    end - start <= 2 * MAX_BYTES &&
    formOf(text) === form &&
    text.startsWith(MIDDLE, middle) &&
    text.endsWith(TAIL);
  if (!hasForm) throw new ProofError("not_a_proof", "file");
  const reader = new Reader(bytesOfHex(text.slice(start, end)));
  if (reader.u8() !== FORMS[form]) throw new DecodeError("unsupported");
  return { chainId: bytesOfHex(text.slice(from, middle)), reader };
}

function readBacking(reader: Reader, anchor: shapes.Header): Backing {
  const genesisHead = reader.bytes(shapes.GENESIS_HEAD_MAX_BYTES);
  const handOvers = readHandOvers(reader, anchor);
  const certificate = reader.bytes(shapes.CERTIFICATE_MAX_BYTES);
  return { genesisHead, handOvers, certificate, set: readSet(reader) };
}

export function readGround(reader: Reader): Ground {
  const anchor = shapes.readHeader(reader);
  const backing = reader.bool() ? readBacking(reader, anchor) : null;
  const older = reader.bool() ? { header: shapes.readHeader(reader), history: readBranch(reader) } : null;
  return { anchor, backing, older, header: older?.header ?? anchor };
}

// Runs a step; what its decoders refuse counts against it.
export function at<T>(step: Step, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof DecodeError) throw new ProofError("malformed", step);
    throw error;
  }
}

export function require(holds: boolean, code: ProofErrorCode, step: Step): void {
  if (!holds) throw new ProofError(code, step);
}

// That all of it is of the chain that is trusted; its genesis.
export function checkChain(ground: Ground, claimed: Bytes, trusted: string): shapes.Genesis {
  const { anchor, header, backing } = ground;
  const isThatChain =
    hexOf(claimed) === trusted && equal(anchor.chainId, claimed) && equal(header.chainId, claimed);
  require(isThatChain, "wrong_chain", "chain");
  if (!backing) throw new ProofError("no_backing", "chain");
  require(equal(hash("genesis", backing.genesisHead), claimed), "wrong_chain", "chain");
  return at("chain", () => shapes.decodeGenesisHead(backing.genesisHead));
}

function checkHistory({ anchor, older }: Ground): void {
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

// From the block to the signatures: the last two steps.
export function checkGround(ground: Ground, genesis: shapes.Genesis): GroundResult {
  const { anchor, header } = ground;
  const backing = ground.backing!; // checkChain has seen it
  checkHistory(ground);
  const [signers, set] = checkBacking(anchor, backing, genesis);
  return at("file", () => ({
    blockId: hexOf(header.id),
    height: header.height,
    time: new Date(Number(header.timeMs)),
    anchorHeight: anchor.height,
    chainId: hexOf(header.chainId),
    chainName: textOf(genesis.name),
    trustedSince: new Date(Number(genesis.timeMs)),
    handOvers: backing.handOvers.length,
    signers,
    witnesses: set.length,
    quorum: shapes.quorumOf(set.length),
  }));
}
