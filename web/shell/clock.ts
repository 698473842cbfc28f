// SPDX-License-Identifier: Apache-2.0
// The chain's time, by which goes all that pages say of times: that of the server's clock, as this
// device's may be wrong, and never before the newest block, as a devnet's clock may have been moved on
// (`lmm devnet warp`).

const AT_REST_MS = 180_000; // more than a chain at rest lets pass between two blocks

let skewMs = 0; // of the server's clock against this device's
let aheadMs = 0; // of the chain against the server's clock

export const chainNow = (): number => Date.now() + skewMs + aheadMs;

// A block may be heard of late, so it says no more than that the chain's clock is as far on.
export function noteBlock(time: string): void {
  const found = Date.parse(time) - Date.now() - skewMs;
  if (found > aheadMs) aheadMs = found;
}

// The newest block as the server told it on `date` (RFC 9110). Far behind what was heard of, it is of a
// chain that began anew.
export function noteHead(time: string, date: string | null): void {
  const skew = Date.parse(date ?? "") - Date.now();
  if (!Number.isNaN(skew)) skewMs = skew;
  if (chainNow() - Date.parse(time) > AT_REST_MS) aheadMs = 0;
  noteBlock(time);
}
