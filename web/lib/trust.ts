// SPDX-License-Identifier: Apache-2.0
// From the witnesses that are believed to those of a later block, as chaincore/light/trust.c does it
// without a clock: a header is believed under a certificate of the believed set, or of another one
// when more than a third of the believed set signed beside it; and the last header of an epoch hands
// over to the set that it names.
import { type Bytes, DecodeError, type Reader, equal, u64Bytes } from "./bytes";
import { hash } from "./hash";
import * as shapes from "./shapes";
import { verifyTagged } from "./signature";

export interface HandOver {
  header: shapes.Header;
  certificate: Bytes;
  set: Bytes[]; // of the header's epoch; empty: the one that is believed
  next: Bytes[]; // that it hands over to; empty: none
}

const MAX_HAND_OVERS = 64;
const FINALIZE = 3;

export function readSet(reader: Reader): Bytes[] {
  return Array.from({ length: reader.count(shapes.LIMIT_WITNESSES) }, () => reader.hash());
}

// Each leads on from the one before, and the last one to the anchor.
export function readHandOvers(reader: Reader, anchor: shapes.Header): HandOver[] {
  const out: HandOver[] = [];
  let height = 0n;
  for (let left = reader.count(MAX_HAND_OVERS); left > 0; left--) {
    const header = shapes.readHeader(reader);
    const certificate = reader.bytes(shapes.CERTIFICATE_MAX_BYTES);
    const handOver = { header, certificate, set: readSet(reader), next: readSet(reader) };
    const leadsNowhere = handOver.set.length === 0 && handOver.next.length === 0;
    if (leadsNowhere || header.height <= height) throw new DecodeError("malformed");
    height = header.height;
    out.push(handOver);
  }
  if (anchor.height <= height) throw new DecodeError("malformed");
  return out;
}

export type TrustErrorCode = "unknown_witnesses" | "too_few_signatures" | "bad_signature";
export class TrustError extends Error {
  constructor(readonly code: TrustErrorCode) {
    super(code);
  }
}
function require(holds: boolean, code: TrustErrorCode): void {
  if (!holds) throw new TrustError(code);
}

const isSound = (set: Bytes[]): boolean =>
  set.length > 0 && set.every((key, i) => set.slice(0, i).every((other) => !equal(key, other)));

export class Trust {
  private place = { height: 0n, epoch: 0n, view: 0n, timeMs: 0n };

  constructor(
    private readonly chainId: Bytes,
    public set: Bytes[],
    beginMs: bigint,
  ) {
    this.place.timeMs = beginMs;
  }

  // Goes on to the header; who signed it, by their places in its set.
  take({ header, certificate, set: named, next }: HandOver): number[] {
    const { place } = this;
    const goesOn =
      header.height > place.height &&
      header.epoch >= place.epoch &&
      header.view > place.view &&
      header.timeMs > place.timeMs;
    const set = named.length > 0 ? named : this.set;
    const isOfSet = isSound(set) && equal(shapes.setHashOf(set), header.setHash);
    require(goesOn && isOfSet && equal(header.chainId, this.chainId), "unknown_witnesses");
    const signers = this.checkCertificate(header, certificate, set);
    const isNext = next.length === 0 || (isSound(next) && equal(shapes.setHashOf(next), header.nextSetHash));
    require(isNext, "unknown_witnesses");
    this.place = header;
    this.set = next.length > 0 ? next : set;
    return signers;
  }

  private checkCertificate(header: shapes.Header, encoded: Bytes, set: Bytes[]): number[] {
    const { view, votes } = shapes.decodeCertificate(encoded, set.length);
    if (!equal(header.setHash, shapes.setHashOf(this.set))) {
      const known = votes.filter(({ witness }) => this.set.some((key) => equal(key, set[witness]!)));
      const isEnough = known.length > shapes.faultsOf(this.set.length);
      require(header.epoch > this.place.epoch && isEnough, "unknown_witnesses");
    }
    require(votes.length >= shapes.quorumOf(set.length), "too_few_signatures");
    require(view >= header.view, "bad_signature");
    const kind = Uint8Array.of(FINALIZE);
    const payload = hash("vote", u64Bytes(header.epoch), header.setHash, kind, u64Bytes(view), header.id);
    for (const { witness, signature } of votes) {
      const holds = verifyTagged(signature, set[witness]!, { tag: "lmm:vote", chainId: this.chainId, payload });
      require(holds, "bad_signature");
    }
    return votes.map((vote) => vote.witness);
  }
}
