// SPDX-License-Identifier: Apache-2.0
// Stretches one passphrase (vault.ts) on a thread of its own: the page's would draw nothing and hear no
// tap meanwhile, since what the library calls async only makes room for other promises.
import { argon2id } from "@noble/hashes/argon2";
import type { Bytes } from "../lib/bytes";

export interface Stretched {
  passphrase: Bytes;
  salt: Bytes;
  passes: number;
  memoryKib: number;
}

// The DOM's types and a worker's exclude each other.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Stretched>) => void;
  postMessage: (message: number | Bytes) => void; // how far it is, from 0 to 1; in the end the key
};
scope.onmessage = ({ data: { passphrase, salt, passes, memoryKib } }) => {
  let told = 0;
  const onProgress = (part: number): void => {
    if (part - told < 0.01) return;
    told = part;
    scope.postMessage(part);
  };
  scope.postMessage(argon2id(passphrase, salt, { t: passes, m: memoryKib, p: 1, dkLen: 32, onProgress }));
};
