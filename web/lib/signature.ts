// SPDX-License-Identifier: Apache-2.0
// Ed25519 with the accepted set that the chain froze (chaincore/crypto/sign.h): S < L, canonical A
// and R, neither of small order, the equation without cofactor. @noble/ed25519 gives the curve; its
// own verify() multiplies by the cofactor and so accepts more, hence ours. Nothing here is secret,
// so nothing takes constant time.
import { CURVE, ExtendedPoint as Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";
import { type Bytes, concat, equal, hexOf } from "./bytes";
import { padded16 } from "./hash";

function littleEndian(bytes: Bytes): bigint {
  let out = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) out = (out << 8n) | BigInt(bytes[i]!);
  return out;
}

// Those that held, the newest last: proofs of one page share their certificates. A name is of all that
// was verified: the hash binds R, the key and the message.
const MOST_HELD = 512;
const held = new Set<string>();
function remember(name: string): void {
  for (const oldest of held) {
    if (held.size < MOST_HELD) break;
    held.delete(oldest);
  }
  held.add(name);
}

export function verifySignature(signature: Bytes, key: Bytes, message: Bytes): boolean {
  if (signature.length !== 64 || key.length !== 32) return false;
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= CURVE.n) return false;
  const digest = sha512(concat(encodedR, key, message));
  const name = hexOf(concat(digest, signature.subarray(32)));
  if (held.has(name)) return true;
  try {
    const a = Point.fromBytes(key, false);
    if (a.isSmallOrder()) return false;
    const k = littleEndian(digest) % CURVE.n;
    const r = Point.BASE.multiply(s, false).add(a.negate().multiply(k, false));
    // Compared as bytes: an R that is not canonical equals no encoding.
    const holds = !r.isSmallOrder() && equal(r.toBytes(), encodedR);
    if (holds) remember(name);
    return holds;
  } catch {
    return false; // not a point, or not its one encoding
  }
}

// What the chain's keys sign: the purpose, the chain, the payload's hash.
export function verifyTagged(
  signature: Bytes,
  key: Bytes,
  signed: { tag: string; chainId: Bytes; payload: Bytes },
): boolean {
  return verifySignature(signature, key, concat(padded16(signed.tag), signed.chainId, signed.payload));
}
