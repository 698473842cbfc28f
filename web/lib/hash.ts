// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256 under a domain: a 16-byte personalisation, so that bytes hashed for one purpose never
// pass for another. The domains are those of chaincore/crypto/hash.h that a browser needs.
import { blake2b } from "@noble/hashes/blake2b";
import { type Bytes, bytesOfText, concat } from "./bytes";

const DOMAINS = {
  tx: "lmm/tx",
  txleaf: "lmm/txleaf",
  account: "lmm/account",
  header: "lmm/header",
  receipt: "lmm/receipt",
  event: "lmm/event",
  contract: "lmm/contract",
  key: "lmm/key",
  value: "lmm/value",
  leaf: "lmm/leaf",
  node: "lmm/node",
  list: "lmm/list",
  genesis: "lmm/genesis",
  witness: "lmm/witness",
  vote: "lmm/vote",
  user: "lmm/user",
  login: "lmm/login",
} as const;
export type Domain = keyof typeof DOMAINS;

// Filled up with zeros to the 16 bytes of a personalisation or of a signature's tag.
export function padded16(text: string): Bytes {
  const out = new Uint8Array(16);
  out.set(bytesOfText(text));
  return out;
}

export function hash(domain: Domain, ...parts: Bytes[]): Bytes {
  return blake2b(concat(...parts), { dkLen: 32, personalization: padded16(DOMAINS[domain]) });
}
