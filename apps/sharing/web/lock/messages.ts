// SPDX-License-Identifier: Apache-2.0
// What a phone and a lock say to each other, as docs/lock.md has it: Borsh behind a byte for the kind.
import { type Bytes, Reader, bytesOfHex, concat, hexOf } from "../../../../web/lib/bytes";
import { hash, padded16 } from "../../../../web/lib/hash";
import { fixed, id, prefixed, u64, u8 } from "../../../../web/lib/writer";

export const ASK = {
  ...{ challenge: 1, header: 2, policy: 3, start: 4, status: 6 },
  ...{ binding: 8, receipt: 9, goOn: 10, extend: 11, unbound: 13 },
} as const;
const ANSWER = 0x80;
const REFUSAL = 0xff;

export const COMMAND = { open: 1, start: 2, return: 3, bind: 5 } as const;
export const GRANT_BYTES = 105;
export const POLICY_BYTES = 49;

// What the lock refused, by its own number; pages have a sentence for each (lock.refused.NUMBER).
export class LockRefusal extends Error {
  constructor(readonly code: number) {
    super(`lock.refused.${code}`);
    this.name = "LockRefusal";
  }
}
export const LOCK_CODE = { NO_RECEIPT: 39 } as const;

export interface Challenge {
  command: number;
  lock: Bytes;
  nonce: Bytes;
  counter: bigint;
  booking: bigint; // for an owner's command what that names
  height: bigint;
  timeMs: bigint;
}
export const encodeChallenge = (one: Challenge): Bytes =>
  concat(
    concat(u8(one.command), id(one.lock), id(one.nonce), u64(one.counter)),
    concat(u64(one.booking), u64(one.height), u64(one.timeMs)),
  );
export function readChallenge(reader: Reader): Challenge {
  return {
    command: reader.u8(),
    lock: reader.hash(),
    nonce: reader.hash(),
    counter: reader.u64(),
    booking: reader.u64(),
    height: reader.u64(),
    timeMs: reader.u64(),
  };
}

// What the renter's key signs, or the owner's; a lock's own signature stands over the same hash under
// another tag.
export const challengeBytes = (chainId: Bytes, challenge: Bytes): Bytes =>
  concat(padded16("lmm:challenge"), id(chainId), hash("user", challenge));
export const lockLogBytes = (chainId: Bytes, challenge: Bytes): Bytes =>
  concat(padded16("lmm:lock-log"), id(chainId), hash("user", challenge));

// What a lock signs when it is bound to an asset.
export const encodeBinding = (one: { asset: bigint; owner: Bytes; lock: Bytes; counter: bigint }): Bytes =>
  concat(u8(0), u64(one.asset), id(one.owner), id(one.lock), u64(one.counter));

// --- questions ---

export const askNothing = (kind: number): Bytes => u8(kind);

// Signed by those whom the lock believes, or by `set`. Where it knows a newer one, this visit's proofs hang
// below this one all the same. `next` serve from then on.
const nobody: Bytes = new Uint8Array(0);
export const askHeader = (header: Bytes, certificate: Bytes, { set = nobody, next = nobody } = {}): Bytes =>
  concat(u8(ASK.header), header, prefixed(certificate), prefixed(set), prefixed(next));

export const askPolicy = (policy: Bytes, branch: Bytes): Bytes =>
  concat(u8(ASK.policy), fixed(policy, POLICY_BYTES), prefixed(branch));

// Below the same header: the branch shows that no policy stands there.
export const askUnbound = (branch: Bytes): Bytes => concat(u8(ASK.unbound), prefixed(branch));

export interface Start {
  challenge: Bytes;
  signer: Bytes;
  signature: Bytes;
  grant: Bytes;
  branch: Bytes;
}
export const askStart = (start: Start): Bytes =>
  concat(
    concat(u8(ASK.start), start.challenge, id(start.signer), fixed(start.signature, 64)),
    concat(fixed(start.grant, GRANT_BYTES), prefixed(start.branch)),
  );

// Of what has started: to open it, or to return it.
export const askGoOn = (challenge: Bytes, signature: Bytes): Bytes => concat(u8(ASK.goOn), challenge, fixed(signature, 64));

export const askExtend = (grant: Bytes, branch: Bytes): Bytes =>
  concat(u8(ASK.extend), fixed(grant, GRANT_BYTES), prefixed(branch));

export const askReceipt = (command: number, booking: bigint): Bytes => concat(u8(ASK.receipt), u8(command), u64(booking));

export const askBinding = (challenge: Bytes, signature: Bytes): Bytes =>
  concat(u8(ASK.binding), challenge, fixed(signature, 64));

// --- answers ---

// What is behind the kind. Throws LockRefusal, or a DecodeError for an answer to something else.
export function answerOf(kind: number, message: Bytes): Reader {
  const reader = new Reader(message);
  const found = reader.u8();
  if (found === REFUSAL) {
    reader.u8();
    throw new LockRefusal(reader.u16());
  }
  if (found !== kind + ANSWER) throw new LockRefusal(0);
  return reader;
}

export interface Greeting {
  chainId: Bytes;
  lock: Bytes;
  nonce: Bytes;
  counter: bigint;
  height: bigint; // of the header that it knows
  clockMs: bigint;
  flags: number;
}
export function readGreeting(reader: Reader): Greeting {
  const [chainId, lock, nonce] = [reader.hash(), reader.hash(), reader.hash()];
  const [counter, height] = [reader.u64(), reader.u64()];
  reader.u64(); // the header's time
  reader.hash(); // its id
  reader.u64(); // its epoch
  const greeting = { chainId, lock, nonce, counter, height, clockMs: reader.u64(), flags: reader.u8() };
  reader.finish();
  return greeting;
}

export interface Used {
  lockSignature: Bytes; // zeros after an opening
  clockMs: bigint;
  isOpen: boolean;
}
export function readUsed(reader: Reader): Used {
  const lockSignature = reader.fixed(64);
  const clockMs = reader.u64();
  reader.u64(); // the access log's entry
  const isOpen = reader.bool();
  reader.finish();
  return { lockSignature, clockMs, isOpen };
}

const FLAG = { clock: 1, bound: 2, inUse: 4, open: 8 };
export interface Report {
  lock: Bytes;
  isInUse: boolean;
  isOpen: boolean;
  battery: number; // per cent
  booking: bigint; // in use
  clockMs: bigint;
}
export function readReport(reader: Reader): Report {
  const lock = reader.hash();
  reader.hash(); // the owner's account
  const [flags, battery] = [reader.u8(), reader.u8()];
  reader.u64(); // asset
  const booking = reader.u64();
  for (let i = 0; i < 3; i++) reader.u64(); // policy epoch; header's height and time
  const clockMs = reader.u64();
  for (let i = 0; i < 4; i++) reader.u64(); // counter; the access log's entries
  reader.finish();
  return { lock, isInUse: (flags & FLAG.inUse) !== 0, isOpen: (flags & FLAG.open) !== 0, battery, booking, clockMs };
}

export interface Receipt {
  challenge: Bytes;
  signature: Bytes;
  lockSignature: Bytes;
}
export function readReceipt(reader: Reader): Receipt {
  const from = reader.position;
  readChallenge(reader);
  const challenge = reader.since(from);
  reader.hash(); // the renter's key
  const receipt = { challenge, signature: reader.fixed(64), lockSignature: reader.fixed(64) };
  reader.finish();
  return receipt;
}

// --- what is carried to a lock ---

// As GET /v1/bookings/{id}/grant has it: hexadecimal digits.
export interface SignedHeader {
  height: number;
  header: string;
  certificate: string;
}
export interface GrantAnswer extends SignedHeader {
  grant: { value: string; branch: string };
  policy: { value: string | null; branch: string };
  time: string;
  witnesses: string; // the keys of those who signed the header
  changes: (SignedHeader & { next: string })[]; // of witnesses, for a lock that slept over them; the oldest first
}
const MAX_CHANGES = 64; // of an answer
// A newer answer that was asked for since the time of an older one: its changes go behind those. When it has
// as many as an answer may have there may be a gap before them, over which no lock follows.
export function withChangesOf(older: GrantAnswer, newer: GrantAnswer): GrantAnswer {
  const first = newer.changes[0]?.height ?? Infinity;
  const kept = newer.changes.length < MAX_CHANGES ? older.changes.filter(({ height }) => height < first) : [];
  return { ...newer, changes: [...kept, ...newer.changes].slice(-MAX_CHANGES) };
}
export interface Grant {
  booking: bigint;
  asset: bigint;
  lock: Bytes;
  renterKey: Bytes;
  fromMs: bigint;
  untilMs: bigint;
}
export function readGrant(text: string): Grant {
  const reader = new Reader(bytesOfHex(text));
  if (reader.u8() !== 1) throw new LockRefusal(25);
  const [booking, asset, lock, renterKey] = [reader.u64(), reader.u64(), reader.hash(), reader.hash()];
  const [fromMs, untilMs] = [reader.u64(), reader.u64()];
  reader.u64(); // policy epoch
  reader.finish();
  return { booking, asset, lock, renterKey, fromMs, untilMs };
}
export const shortKey = (key: Bytes): string => hexOf(key).slice(0, 8);
