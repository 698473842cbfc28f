// SPDX-License-Identifier: Apache-2.0
// What follows from a calendar and from what was agreed, without asking the server.
const MINUTE_MS = 60_000;

interface Taken {
  from: string;
  until: string;
}

// The first time from then on when a thing is free for so long. What is taken comes in order and does not
// overlap.
export function nextFree(taken: Taken[], fromMs: number, lengthMs: number): number {
  let at = fromMs;
  for (const slot of taken) {
    const [from, until] = [new Date(slot.from).getTime(), new Date(slot.until).getTime()];
    if (from >= at + lengthMs) break;
    if (until > at) at = until;
  }
  return at;
}

export interface Cancelling {
  cancel_free_minutes: number;
  cancel_percent: number;
}

// Until when cancelling is free, which may be over; until the beginning when it never costs anything.
export const freeUntilMs = (agreed: Cancelling, fromMs: number): number =>
  agreed.cancel_percent === 0 ? fromMs : fromMs - agreed.cancel_free_minutes * MINUTE_MS;

// What a renter who cancels then leaves of the rent, as the contract reckons (contract/settling.h).
export function cancelCost(agreed: Cancelling, rent: bigint, fromMs: number, nowMs: number): bigint {
  if (nowMs <= freeUntilMs(agreed, fromMs)) return 0n;
  return (rent * BigInt(agreed.cancel_percent)) / 100n;
}
